/* The staff workspace's keys, lock and live pathway. Every page works without this file. Single keys do nothing while
   somebody types in a field, with Ctrl, Alt or Meta, or when <body data-keys="off"> (WCAG 2.1.4). Nothing is kept in the
   browser: what is typed on the call's page goes to the server, one request at a time, so that no older answer can
   overwrite a newer one. */
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const isField = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]");

  /* Keys */
  const dialog = document.createElement("dialog");
  const help = byId("keys");
  if (help) {
    dialog.setAttribute("aria-labelledby", "keys-title");
    const close = document.createElement("form");
    close.method = "dialog";
    close.innerHTML = '<button class="govuk-button">Close</button>';
    dialog.append(help, close);
    document.body.append(dialog);
    for (const button of document.querySelectorAll(".keys-open")) {
      button.hidden = false;
      button.addEventListener("click", () => dialog.showModal());
    }
  }
  const services = () => [...document.querySelectorAll("[data-service]")].filter((each) => each.checkVisibility());
  const inFocus = () => document.activeElement && document.activeElement.closest("[data-service]");
  const step = (by) => {
    const all = services();
    const at = all.indexOf(inFocus());
    const to = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
    if (to) to.focus();
    return Boolean(to);
  };
  const press = (key) => {
    const own = inFocus();
    const button = own && own.querySelector(`[data-key="${key}"]`);
    if (button) button.click();
    return Boolean(button);
  };
  const KEYS = {
    c: () => byId("find") && (byId("find").focus(), true),
    j: () => step(1),
    k: () => step(-1),
    r: () => press("r"),
    s: () => press("s"),
    l: () => byId("lock") && (byId("lock").requestSubmit(), true),
    "?": () => help && (dialog.showModal(), true),
  };
  document.addEventListener("keydown", (event) => {
    if (document.body.dataset.keys !== "on" || event.defaultPrevented || event.isComposing || dialog.open) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    if (Object.hasOwn(KEYS, event.key) && KEYS[event.key]()) event.preventDefault();
  });

  /* The call */
  const call = byId("call");
  if (!call) return;
  const text = byId("text");
  const PAUSE_MS = 250;
  const KEEP_MS = 2000;
  const PATIENCE_MS = 8000;
  let turn = Number(call.elements.turn.value) - 1;
  let timer = 0;
  let typedAt = 0;
  let since = 0;
  let retry = 0;
  let dirty = false;
  let busy = null;
  let over = false;
  let leaving = false;
  let waiting = false;
  if (document.activeElement === text) text.setSelectionRange(text.value.length, text.value.length);
  const presses = [];
  const edited = new Map();

  const say = (words) => {
    if (words && byId("call-said").textContent !== words) byId("call-said").textContent = words;
  };
  const warn = (words) => {
    const line = byId("call-line");
    if (line.textContent !== words) line.textContent = words;
    line.hidden = !words;
  };
  const body = (more) => {
    const data = new URLSearchParams(new FormData(call));
    data.delete("find");
    turn += 1;
    data.set("turn", turn);
    for (const [name, value] of Object.entries(more || {})) data.set(name, value);
    return data;
  };
  const post = (data, more) =>
    fetch(call.dataset.answer, { method: "POST", body: data, redirect: "manual", cache: "no-store", ...more });

  /* What was changed while the answer was on its way is put back into it; open details stay open, and focus where it was. */
  const show = (html, pressed) => {
    const active = document.activeElement;
    const place = active && active.id;
    const chips = [...document.querySelectorAll(".facts .chip__away")];
    const chip = chips.indexOf(active);
    const inside = Boolean(active && active.closest("[data-part]"));
    const range = active && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
    const open = [...call.querySelectorAll("[data-part] details[open]")].map((each) => each.id);
    const before = byId("call-answer").dataset.said;
    const find = byId("find") && byId("find").value;
    const parts = new DOMParser().parseFromString(html, "text/html").querySelectorAll("[data-part]");
    for (const part of parts) byId(part.id).replaceWith(part);
    if (find && byId("find")) byId("find").value = find; // it may be typed in meanwhile
    for (const id of open) if (byId(id)) byId(id).open = true;
    const had = new Set(call.elements.had.value.split("|"));
    for (const box of call.querySelectorAll("input[name=has]")) box.checked = had.has(box.value);
    for (const [id, value] of edited) {
      const field = byId(id);
      if (field && field.type === "checkbox") field.checked = value;
      else if (field) field.value = value;
    }
    turn = Math.max(turn, Number(call.elements.turn.value) - 1);
    const said = byId("call-answer").dataset.said;
    if (pressed && /^(un)?list:/.test(pressed.do || "")) say(`Short list: ${call.querySelector("#call-list .count").textContent}`);
    else if (said !== before || pressed) say(said);
    focusAgain({ place, chip, inside, range }, pressed);
  };
  const focusAgain = (was, pressed) => {
    const asked = (pressed && pressed.do) || "";
    let to = was.place && was.inside ? byId(was.place) : null;
    if (asked === "find" || asked.startsWith("case:") || asked.startsWith("why:")) {
      to = call.querySelector("[data-next]") || (asked === "find" ? byId("find") : services()[0]) || byId("call-list");
    } else if (was.chip >= 0) {
      const chips = call.querySelectorAll(".facts .chip__away");
      to = chips[Math.min(was.chip, chips.length - 1)] || byId("call-facts");
    }
    if (!to && was.inside) to = byId("call-list");
    if (!to || to === document.activeElement) return;
    to.focus({ preventScroll: to.id === was.place });
    if (was.range && to.id === was.place && was.range[0] !== null) to.setSelectionRange(...was.range);
  };

  const isStale = () => byId("call-list").hasAttribute("data-stale");
  const ended = (words) => {
    over = true;
    warn(`${words} What you typed still stands in the box: copy what you need.`);
  };
  const lost = (words) => {
    dirty = true;
    retry = Math.min(15000, retry ? retry * 2 : 1000);
    warn(`${words} Your words are still here, and are not yet kept. Trying again.`);
    timer = setTimeout(next, retry);
  };
  const ask = async () => {
    const pressed = presses[0];
    dirty = false;
    const data = body(pressed);
    edited.clear();
    try {
      const answer = await post(data, { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.type === "opaqueredirect") return lost("You are locked or signed out: unlock in another tab.");
      if ([404, 409, 410, 413].includes(answer.status)) return ended("This call has ended, or cannot be kept.");
      if (answer.status !== 200 && answer.status !== 422) return lost("The directory could not answer.");
      const html = await answer.text();
      if (pressed) presses.shift(); // one made meanwhile has not been sent
      show(html, pressed);
      if (isStale()) return ended("This call goes on in another window.");
      if (retry) say("The line is back: all is kept.");
      retry = 0;
      warn("");
      kept();
    } catch {
      lost("The line to the directory dropped.");
    }
  };
  const kept = () => {
    if (Number(call.elements.turn.value) < 2) return;
    const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    byId("call-kept").textContent = `Kept at ${time}, for you alone.`;
    if (location.pathname !== call.dataset.page) history.replaceState(null, "", call.dataset.page);
  };
  async function next() {
    clearTimeout(timer);
    if (busy || over || leaving || (!dirty && !presses.length)) return;
    busy = ask();
    await busy;
    busy = null;
    if (retry) return;
    if (presses.length) next();
    else if (dirty) later();
  }
  /* At a pause in typing, and every few seconds without one. */
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(next, Math.max(0, Math.min(typedAt + PAUSE_MS, since + KEEP_MS) - Date.now()));
  };
  const soon = () => {
    typedAt = Date.now();
    if (!dirty) since = typedAt;
    dirty = true;
    if (!busy && !retry) later();
  };

  call.addEventListener("input", (event) => {
    const field = event.target;
    if (field.id === "find") return;
    if (field !== text) edited.set(field.id, field.type === "checkbox" ? field.checked : field.value);
    if (field === text) soon();
  });
  call.addEventListener("change", (event) => {
    if (event.target.id === "find" || event.target === text) return;
    dirty = true;
    next();
  });
  text.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      call.requestSubmit();
    } else if (event.key === "Escape" && (step(1) || KEYS.c())) {
      event.preventDefault();
    }
  });
  /* On to another page, once all that was pressed before is answered: by the same button as it stands then. */
  const leave = async (button) => {
    if (waiting) return;
    waiting = true;
    const own = (each) => ["formaction", "name", "value"].map((name) => each.getAttribute(name)).join(" ");
    const wanted = own(button);
    while (busy || (presses.length && !retry && !over)) await (busy || next());
    waiting = false;
    if (over) return;
    if (retry) return warn("The line to the directory dropped: wait until it is back, then press again. Your words are still here.");
    const fresh = [...call.querySelectorAll("[formaction]")].find((each) => own(each) === wanted);
    if (fresh) call.requestSubmit(fresh);
    else say("The page has changed meanwhile: press again.");
  };
  call.addEventListener("submit", (event) => {
    const button = event.submitter;
    const away = button && button.hasAttribute("formaction");
    const queued = busy || retry || presses.length;
    if (over ? !isStale() : away && !queued && !waiting) {
      leaving = true;
      return;
    }
    event.preventDefault();
    if (over) return;
    if (away) return void leave(button);
    const find = byId("find");
    const toFind = find && (document.activeElement === find || (button && button.value === "find"));
    if (toFind) presses.push({ do: "find", find: find.value });
    else presses.push(button && button.name ? { [button.name]: button.value } : { asked: "yes" });
    next();
  });
  const lock = byId("lock");
  if (lock)
    lock.addEventListener("submit", async (event) => {
      if (!dirty && !busy) return;
      event.preventDefault();
      await busy;
      if (dirty) await ask();
      lock.submit();
    });
  for (const form of document.querySelectorAll("form[action$='/discard']")) form.addEventListener("submit", () => (leaving = true));
  window.addEventListener("online", () => retry && next());
  window.addEventListener("pagehide", () => {
    if (dirty && !leaving && !over) post(body(), { keepalive: true }).catch(() => {});
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  window.addEventListener("beforeunload", (event) => {
    if (retry && dirty && !leaving) event.preventDefault();
  });
})();
