// Passkeys: browsers show and make them for scripts alone. A page without this script says so, and offers its other ways.
"use strict";

const keys = window.PublicKeyCredential;
const asks = {
  get: (options) => navigator.credentials.get({ publicKey: keys.parseRequestOptionsFromJSON(options) }),
  create: (options) => navigator.credentials.create({ publicKey: keys.parseCreationOptionsFromJSON(options) }),
};

for (const part of document.querySelectorAll("[data-passkey]")) {
  if (!keys?.parseRequestOptionsFromJSON) break;
  const form = part.querySelector("form");
  const failed = form.querySelector("[role=alert]");
  part.querySelector("[data-without-passkeys]").hidden = true;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    // A second click: `portal.js`, which is loaded first, has stopped it.
    if (event.defaultPrevented) return;
    event.preventDefault();
    failed.hidden = true;
    try {
      const token = new URLSearchParams({ csrf: form.elements.csrf.value });
      const answer = await fetch(part.dataset.options, { method: "POST", body: token });
      // Signed out in the meantime, or asked too often: the server's own page says what is to be done.
      if (answer.redirected || !answer.ok) return form.submit();
      const shown = await asks[part.dataset.passkey](await answer.json());
      form.querySelector("[data-answer]").value = JSON.stringify(shown);
      form.submit();
    } catch {
      // Called off by whoever was asked, or too late: the same button asks again.
      failed.hidden = false;
      delete form.dataset.sent;
      form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
    }
  });
}
