// Moments in the reader's own time zone and language; marks the page as one that has script.

document.documentElement.classList.add("scripted");

export function localise(root = document) {
  for (const time of root.querySelectorAll("time[data-moment]")) {
    time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  }
}

localise();
