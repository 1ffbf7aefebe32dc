// The parts of a form that say who one is: photo by drop, paste or camera; addresses recognised; the name's
// uniqueness told at once; sending it off. Everything here is a convenience: the forms work without it.

import "./moments.js";
import { redraw, shrink } from "./photo.js";

export const form = document.querySelector("form.you");
const photo = form.elements.photo;
const shot = form.querySelector("[data-shot]");
const empty = shot.innerHTML;
const photoTold = form.querySelector("[data-photo-told]");
const clear = form.querySelector("[data-clear]");
const KINDS = ["image/jpeg", "image/png", "image/webp", "image/gif"];
// Larger files, and kinds that only the browser reads, are drawn anew before they are sent: a phone's photo may be huge.
const LARGE = 6_000_000;
const SIDE = 2048;
let copy = null;

/** A small copy of the photo that is chosen, as `shrink` makes it, or null. */
export const chosenCopy = () => copy;

async function ask(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  return answer.ok ? answer.json() : null;
}

function tell(place, text, bad = false) {
  place.textContent = text;
  place.classList.toggle("bad", bad);
}

// --- the photo

async function showPhoto() {
  let file = photo.files[0];
  if (file && (file.size > LARGE || !KINDS.includes(file.type))) {
    const smaller = await redraw(file, SIDE);
    if (photo.files[0] !== file) return;
    if (smaller) {
      file = smaller;
      photo.files = listOf(file);
    }
  }
  clear.hidden = !file;
  copy = null;
  shot.innerHTML = empty;
  tell(photoTold, "");
  if (!file) return;
  if (!KINDS.includes(file.type)) return tell(photoTold, photoTold.dataset.kind, true);
  copy = await shrink(file);
  if (copy) {
    const image = new Image();
    image.src = URL.createObjectURL(file);
    image.alt = "";
    shot.replaceChildren(image);
  }
  const larger = await shrink(file, 512);
  const told = larger && await ask("/preview", { photo: { base64: larger } }).catch(() => null);
  if (told?.photo && photo.files[0] === file) {
    tell(photoTold, told.photo.usable ? photoTold.dataset.ok : told.photo.reason, !told.photo.usable);
  }
}

function listOf(file) {
  const moved = new DataTransfer();
  moved.items.add(file);
  return moved.files;
}

function take(files) {
  const file = [...files].find((one) => one.type.startsWith("image/"));
  if (!file) return false;
  photo.files = listOf(file);
  showPhoto();
  return true;
}

photo.addEventListener("change", showPhoto);
// One may have been chosen before this script had come.
if (photo.files.length) showPhoto();
clear.addEventListener("click", () => { photo.value = ""; showPhoto(); photo.focus(); });
const camera = form.querySelector("[data-camera-input]");
form.querySelector("[data-camera]").addEventListener("click", () => camera.click());
camera.addEventListener("change", () => take(camera.files));
document.addEventListener("paste", (event) => { if (take(event.clipboardData.files)) event.preventDefault(); });
const drop = form.querySelector("[data-drop]");
document.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
document.addEventListener("dragleave", () => drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take(event.dataTransfer.files);
});

// --- the name

const nameTold = form.querySelector("[data-name-told]");
let waiting;
function previewName() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const name = form.elements.name.value.trim();
    if (!name) return tell(nameTold, "");
    const told = await ask("/preview", { name }).catch(() => null);
    if (form.elements.name.value.trim() === name) tell(nameTold, told?.name_note ? `${told.name_note}.` : "");
  }, 250);
}
form.elements.name.addEventListener("input", previewName);
if (form.elements.name.value) previewName();

// --- addresses of profiles

const looksLikeAddress = (text) => /[/.].*[/]|^https?:|^@[^@]+@/.test(text.trim());
const fill = (text, found) => text.replace("{handle}", found.handle ?? found.profile_url ?? "").replace("{platform}", found.platform_name);

const handle = form.elements.handle;
const handleTold = form.querySelector("[data-handle-told]");
async function readHandle() {
  const text = handle.value;
  tell(handleTold, "");
  if (!looksLikeAddress(text)) return;
  const found = await ask("/recognise", { text }).catch(() => null);
  if (handle.value !== text || !found) return;
  if (!found.platform || !found.handle) return tell(handleTold, handleTold.dataset.unknown, true);
  handle.value = found.handle;
  if ([...form.elements.platform.options].some((option) => option.value === found.platform)) {
    form.elements.platform.value = found.platform;
  }
  tell(handleTold, fill(handleTold.dataset.known, found));
  const own = [...form.querySelectorAll("[name=own_account]")];
  if (found.profile_url && !own.some((input) => input.value.trim())) {
    own[0].value = found.profile_url;
    readOwn(own[0]);
  }
}
const soon = (read) => (event) => setTimeout(() => read(event.target));
handle.addEventListener("change", readHandle);
handle.addEventListener("paste", soon(readHandle));

// An address pasted where the name belongs, or anywhere on the page, is meant as the profile's.
document.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain").trim();
  const elsewhere = event.target === form.elements.name || !event.target.closest?.("input, textarea, select");
  if (!elsewhere || handle.value || !/^https?:\/\/\S+$/.test(text)) return;
  event.preventDefault();
  handle.value = text;
  readHandle();
});

const ownBox = form.querySelector("[data-own]");
async function readOwn(input) {
  const place = input.closest(".field").querySelector(".told");
  const text = input.value.trim();
  tell(place, "");
  if (!text) return;
  const found = await ask("/recognise", { text }).catch(() => null);
  if (!found || input.value.trim() !== text) return;
  tell(place, found.platform ? fill(ownBox.dataset.known, found) : ownBox.dataset.unknown, !found.platform);
}
const more = Object.assign(document.createElement("button"), { type: "button", className: "plain more", textContent: ownBox.dataset.more });
more.addEventListener("click", () => {
  const last = [...ownBox.querySelectorAll(".field")].pop();
  const next = last.cloneNode(true);
  const input = next.querySelector("input");
  input.id = `own_${ownBox.querySelectorAll(".field").length + 1}`;
  input.value = "";
  next.querySelector("label").htmlFor = input.id;
  tell(next.querySelector(".told"), "");
  last.after(next);
  input.focus();
});
const line = document.createElement("p");
line.append(more);
ownBox.append(line);
ownBox.addEventListener("change", (event) => { if (event.target.name === "own_account") readOwn(event.target); });

// --- off it goes

const problem = document.getElementById("problem");
function complain(text, ...more) {
  const notice = Object.assign(document.createElement("p"), { className: "notice bad", textContent: text });
  notice.append(...more);
  notice.setAttribute("role", "alert");
  problem.replaceChildren(notice);
  problem.scrollIntoView({ block: "center" });
}

function askKey() {
  const link = Object.assign(document.createElement("a"), { href: "/sign-in", target: "_blank", textContent: form.dataset.again });
  complain(`${form.dataset.ended} `, link, ".");
}

/** Send the form whenever it is submitted; `receive` is given what the service says, and is true where one may go on. */
export function send(receive) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const go = form.querySelector("[data-go]");
    const label = go.textContent;
    go.disabled = true;
    go.textContent = form.dataset.searching;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (answer.ok) {
        problem.replaceChildren();
        if (receive(told)) return;
      } else if (answer.status === 401 && form.dataset.ended) askKey();
      else complain(told.detail);
    } catch {
      complain(form.dataset.failed);
    }
    go.disabled = false;
    go.textContent = label;
  });
}
// A page that the browser brings back from memory must be usable again.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
