// Comforts only: every page does its work without this script.
"use strict";

// Copy buttons appear where a script can copy.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const words = button.querySelector("span");
  const label = words.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent.trim();
    try {
      await navigator.clipboard.writeText(text);
      words.textContent = button.dataset.copied;
    } catch {
      words.textContent = button.dataset.failed;
    }
    setTimeout(() => (words.textContent = label), 3000);
  });
}

// The reader's own time, as a hint on the exact time in UTC: in the language of the page, as it is written where they are.
const language = document.documentElement.lang;
const locale = navigator.languages.find((one) => one.split("-")[0] === language) ?? language;
const local = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = local.format(new Date(time.dateTime));
}

// A second click on a button that is already at work does nothing.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    form.querySelector("button:not([type=button])")?.setAttribute("aria-disabled", "true");
  });
}
// A page that comes back from the browser's cache may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
  }
});

// One box above the rows of a list chooses all of them.
const all = document.querySelector("[data-choose-all]");
if (all) {
  const boxes = [...document.querySelectorAll("[data-choose] tbody input[name=id]")];
  all.hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  for (const box of boxes) {
    box.addEventListener("change", () => {
      all.checked = boxes.every((one) => one.checked);
      all.indeterminate = !all.checked && boxes.some((one) => one.checked);
    });
  }
}

// A file is read into the field that can also be typed in.
for (const part of document.querySelectorAll("[data-file-for]")) {
  part.hidden = false;
  part.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) document.getElementById(part.dataset.fileFor).value = await file.text();
  });
}

// Waiting for the phone: ask every two seconds for a while, then more and more seldom, only while somebody looks.
const waiting = document.querySelector("[data-poll]");
if (waiting && !waiting.querySelector("[data-final]")) {
  for (const link of waiting.querySelectorAll("[data-without-script]")) link.remove();
  let pause = 2000;
  let shown = waiting.firstElementChild?.dataset.state;
  const ask = async () => {
    try {
      const answer = document.hidden ? null : await fetch(waiting.dataset.poll, { headers: { accept: "text/html" } });
      // Signed out in the meantime, or gone: whoever reloads the page learns why.
      if (answer && (answer.redirected || (answer.status >= 400 && answer.status < 500 && answer.status !== 429))) return;
      if (answer?.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = page.querySelector("[data-state]");
        if (next && next.dataset.state !== shown) {
          shown = next.dataset.state;
          for (const link of next.querySelectorAll("[data-without-script]")) link.remove();
          waiting.replaceChildren(next);
          for (const part of document.querySelectorAll("[data-while]")) part.hidden = part.dataset.while !== shown;
        }
        if (next && "final" in next.dataset) return;
      }
    } catch {
      // No connection at the moment: ask again later.
    }
    pause = Math.min(pause * 1.05, 30000);
    setTimeout(ask, pause);
  };
  setTimeout(ask, pause);
}
