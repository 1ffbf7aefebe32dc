// A scan as it goes on: each event of the service renews the page's part; nothing that the reader does is lost.

import { localise } from "./moments.js";
import { keep, recall, shrink } from "./photo.js";

const box = document.getElementById("scan");
const trouble = document.querySelector("[data-trouble]");
const scan = box.dataset.scan;
let own = recall(scan);

// --- renewing: the new part is laid over the old one, so that focus, open details and pictures stay

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(old.nodeName === "DETAILS" && name === "open")) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
}

function renew(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType === Node.ELEMENT_NODE && old.hasAttribute("data-keep") && fresh.hasAttribute?.("data-keep")) return;
  if (old.nodeName !== fresh.nodeName || (fresh.id ?? "") !== (old.id ?? "")) return old.replaceWith(fresh);
  if (old.nodeType !== Node.ELEMENT_NODE) { old.nodeValue = fresh.nodeValue; return; }
  attributes(old, fresh);
  const known = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const same = wanted.id ? known.get(wanted.id) : null;
    if (same) {
      if (same === at) at = at.nextSibling;
      else old.insertBefore(same, at);
      renew(same, wanted);
    } else if (at && !at.id && !wanted.id && at.nodeName === wanted.nodeName) {
      const next = at.nextSibling;
      renew(at, wanted);
      at = next;
    } else {
      old.insertBefore(wanted, at);
    }
  }
  while (at) { const next = at.nextSibling; at.remove(); at = next; }
}

let busy = false;
let again = false;
async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    do {
      again = false;
      const answer = await fetch(`/scan/${scan}/part`);
      if (!answer.ok) { location.reload(); return; }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("part");
      lay(fresh);
    } while (again);
    trouble.hidden = true;
  } catch {
    complain(box.dataset.lost);
  } finally {
    busy = false;
  }
}

function lay(fresh) {
  localise(fresh);
  dress(fresh);
  document.title = fresh.dataset.title;
  renew(document.getElementById("part"), fresh);
  if (!document.getElementById("only_new")?.checked) box.classList.remove("only-new");
}

function complain(text) {
  trouble.textContent = text;
  trouble.hidden = false;
}

// --- pictures: one's own from this tab, theirs through the service

function dress(root) {
  for (const place of root.querySelectorAll("[data-own-photo]")) {
    if (own) place.replaceChildren(Object.assign(new Image(), { src: own, alt: "" }));
    else if (!place.querySelector(".pick")) place.append(picker());
  }
}

function picker() {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "pick", textContent: box.dataset.pick });
  button.addEventListener("click", () => {
    const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/*" });
    input.addEventListener("change", async () => {
      const copy = await shrink(input.files[0]);
      if (!copy) return;
      keep(copy, scan);
      own = recall(scan);
      dress(document);
    });
    input.click();
  });
  return button;
}

document.addEventListener("error", (event) => {
  const image = event.target;
  if (!(image instanceof HTMLImageElement) || !image.hasAttribute("data-theirs")) return;
  const note = Object.assign(document.createElement("span"), { className: "none", textContent: box.dataset.none });
  image.replaceWith(note);
}, true);

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-reveal]");
  if (!link) return;
  event.preventDefault();
  const image = Object.assign(new Image(120, 120), { src: link.href, alt: link.dataset.alt });
  image.setAttribute("data-theirs", "");
  link.parentElement.replaceChildren(image);
});

// --- what the reader does: decisions and the like, without leaving the page

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-live")) return;
  event.preventDefault();
  const said = new URLSearchParams(new FormData(form, event.submitter));
  try {
    const answer = await fetch(form.action, { method: "POST", body: said, redirect: "manual" });
    // The session has ended: the page asks for the key, and comes back.
    if (answer.status === 401) return location.reload();
    if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error();
  } catch {
    return complain(box.dataset.failed);
  }
  await refresh();
  if (!event.submitter?.isConnected) focusOn(form.action);
});

function focusOn(action) {
  const id = action.split("/").at(-2);
  const place = document.getElementById(`a-${id}`) ?? document.querySelector("h1");
  place.tabIndex = -1;
  place.focus();
}

document.addEventListener("change", (event) => {
  if (event.target.id === "only_new") box.classList.toggle("only-new", event.target.checked);
});

// --- following

function follow() {
  const line = new EventSource(`/v1/scans/${scan}/events`);
  for (const kind of ["started", "coverage", "found"]) line.addEventListener(kind, refresh);
  line.addEventListener("finished", () => { line.close(); refresh(); });
  line.addEventListener("error", () => { if (line.readyState === EventSource.CLOSED) setTimeout(poll, 2000); });
  setInterval(count, 1000);
  // Calls are no events: how many a slow source was asked is looked up now and then.
  const looking = setInterval(() => (running() ? refresh() : clearInterval(looking)), 2000);
}

async function poll() {
  await refresh();
  if (running()) setTimeout(poll, 2000);
}

const running = () => document.getElementById("part").dataset.running === "yes";

function count() {
  const left = document.querySelector("[data-left]");
  if (left) left.textContent = Math.max(0, Number(left.textContent) - 1);
}

localise();
dress(document);
if (running()) follow();
