// Copy buttons, and the account's photo on a click.

import "./moments.js";

const said = document.querySelector("[data-said]");

/** Copy a text; where the browser allows it only in the old way, or not at all, the text is at least selected. */
async function copy(place) {
  try {
    await navigator.clipboard.writeText(place.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(place);
    return document.execCommand("copy");
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  if (!await copy(document.getElementById(button.dataset.copy))) return;
  const label = button.dataset.label ?? button.textContent;
  button.dataset.label = label;
  button.textContent = button.dataset.done;
  said.textContent = `${button.dataset.done}: ${document.getElementById(button.getAttribute("aria-describedby")).textContent.trim()}`;
  setTimeout(() => { button.textContent = label; }, 2000);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-reveal]");
  if (!link) return;
  event.preventDefault();
  const image = Object.assign(new Image(120, 120), { src: link.href, alt: link.dataset.alt });
  image.setAttribute("data-theirs", "");
  link.parentElement.replaceChildren(image);
});

document.addEventListener("error", (event) => {
  const image = event.target;
  if (!(image instanceof HTMLImageElement) || !image.hasAttribute("data-theirs")) return;
  image.replaceWith(Object.assign(document.createElement("span"), { className: "none", textContent: said.dataset.none }));
}, true);
