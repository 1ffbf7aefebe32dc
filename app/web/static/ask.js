// The first page: what is particular to asking for a search.

import { keep } from "./photo.js";
import { chosenCopy, form, send } from "./you.js";

form.querySelector("[data-tick=free]")?.addEventListener("click", (event) => {
  for (const choice of event.target.closest("details").querySelectorAll(".choice")) {
    if (choice.dataset.free) choice.querySelector("input").checked = true;
  }
});

send((told) => {
  const copy = chosenCopy();
  if (copy) keep(copy, told.location.split("/").pop());
  location.assign(told.location);
  return true;
});
