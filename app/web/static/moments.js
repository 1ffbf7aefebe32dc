// Moments in the reader's own time zone and language; marks the page as one that has script.

document.documentElement.classList.add("scripted");

// In the page's language, but in the form of the reader's country where his browser names one.
const language = document.documentElement.lang;
const locale = navigator.languages.find((one) => one.split("-")[0] === language) ?? language;

export function localise(root = document) {
  for (const time of root.querySelectorAll("time[data-moment]")) {
    time.textContent = new Date(time.dateTime).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
  }
}

localise();
