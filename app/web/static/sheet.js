// Copy buttons, and the account's photo on a click.

import "./moments.js";

const said = document.querySelector("[data-said]");

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
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
  link.parentElement.replaceChildren(Object.assign(new Image(120, 120), { src: link.href, alt: link.dataset.alt }));
});
