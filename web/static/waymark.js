/* Every page works without this file. It moves focus to mistakes, takes the reader to the search box on "/", folds long
   filters on small screens, says that a form is under way, and hides the page: by a click, or by Shift three times within
   five seconds. */
(() => {
  "use strict";
  document.documentElement.classList.add("js-enabled");

  const summary = document.querySelector(".govuk-error-summary");
  if (summary) {
    summary.setAttribute("tabindex", "-1");
    summary.focus();
    summary.addEventListener("blur", () => summary.removeAttribute("tabindex"), { once: true });
    summary.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      const field = link && document.getElementById(link.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      const label = document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
      (label || field).scrollIntoView();
      field.focus({ preventScroll: true });
    });
  }

  if (window.matchMedia("(max-width: 59.99rem)").matches) {
    for (const facet of document.querySelectorAll("details.facet")) {
      if (!facet.querySelector("input:checked")) facet.open = false;
    }
  }

  const isTyping = (target) =>
    target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;

  document.addEventListener("keydown", (event) => {
    if (document.body.dataset.keys === "off" || event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const box = document.querySelector("#text, #q");
    if (!box) return;
    event.preventDefault();
    box.focus();
  });

  /* A form is sent once. What takes longer is told on the button and aloud; coming back, or a download, frees it again. */
  const TOLD_AFTER_MS = 400;
  const FREED_AFTER_MS = 10000;
  const sent = new Map();
  const free = (form) => {
    const { timers, button, words, said } = sent.get(form);
    timers.forEach(clearTimeout);
    said.remove();
    if (words) button.replaceChildren(...words);
    button?.removeAttribute("aria-disabled");
    sent.delete(form);
  };
  const tell = (form) => {
    const own = sent.get(form);
    if (own.button?.matches("button")) {
      own.words = [...own.button.childNodes];
      own.button.replaceChildren("Working…");
      own.button.setAttribute("aria-disabled", "true");
    }
    own.said.textContent = "Working…";
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (sent.has(form)) return event.preventDefault();
    setTimeout(() => {
      if (event.defaultPrevented || sent.has(form)) return;
      const said = document.createElement("div");
      said.className = "sr";
      said.setAttribute("role", "status");
      form.append(said);
      const timers = [setTimeout(tell, TOLD_AFTER_MS, form), setTimeout(free, FREED_AFTER_MS, form)];
      sent.set(form, { timers, button: event.submitter, words: null, said });
    });
  });
  window.addEventListener("pageshow", () => [...sent.keys()].forEach(free));

  /* Empty the page at once, then replace it in history, so that Back does not bring it back. */
  const hide = () => {
    document.body.replaceChildren();
    document.body.classList.add("hidden-page");
    document.title = ".";
    window.location.replace("/leave");
  };
  const waysOut = document.querySelectorAll(".js-hide-page, .govuk-js-exit-this-page-button");
  for (const link of waysOut) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      hide();
    });
    link.addEventListener("keydown", (event) => {
      if (event.key !== " " || !link.matches("[role=button]")) return;
      event.preventDefault();
      hide();
    });
  }
  const PRESSES = 3;
  const WITHIN_MS = 5000;
  let presses = [];
  let alone = false;
  document.addEventListener("keydown", (event) => {
    alone = event.key === "Shift" && !event.repeat;
    if (!alone) presses = [];
  });
  document.addEventListener("keyup", (event) => {
    /* A Shift that made a capital letter, or pressed while typing, does not count; nor one where staff lock instead. */
    if (!waysOut.length || event.key !== "Shift" || !alone || isTyping(event.target)) return;
    const now = Date.now();
    presses = [...presses.filter((time) => now - time < WITHIN_MS), now];
    if (presses.length >= PRESSES) hide();
  });
})();
