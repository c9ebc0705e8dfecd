// What all pages do by themselves. A page is whole without this script; with it, it is live.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- Times: how long ago, with the moment itself on hover -------------------------------------------------------
  const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  function length(seconds) {
    const [unit, name] = UNITS.find(([unit]) => seconds >= unit) || UNITS[3];
    return `${Math.floor(seconds / unit)} ${name}`;
  }
  function showTimes(root = document) {
    for (const time of all("time[datetime]", root)) {
      time.title ||= time.textContent;
      const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
      const text = seconds >= 0 ? `${length(seconds)} ago` : `in ${length(-seconds)}`;
      if (time.textContent !== text) time.textContent = text;
    }
  }

  // ---- Live: the parts of the page that have changed are put in their places --------------------------------------
  const state = $("#live-state");
  let source, lastHeard = Date.now(), isPaused = false;
  function say(name, text) {
    if (!state) return;
    state.dataset.state = name;
    $(".text", state).textContent = text;
  }
  function put({ id, html }) {
    const place = document.getElementById(id);
    if (!place || place.querySelector("[data-busy]")) return;
    // What somebody has ticked or typed stays.
    const keep = (name, element) => !element.matches?.("[data-keep]") || !["checked", "value", "open"].includes(name);
    Idiomorph.morph(place, html, {
      morphStyle: "outerHTML", ignoreActiveValue: true, callbacks: { beforeAttributeUpdated: keep },
    });
    const now = document.getElementById(id);
    htmx.process(now);
    showTimes(now);
    now.dispatchEvent(new CustomEvent("console:put", { bubbles: true }));
  }
  function open() {
    if (!state || isPaused || document.hidden) return;
    close();
    const page = location.pathname + location.search;
    source = new EventSource(`/console/live?page=${encodeURIComponent(page)}`);
    const heard = (event) => {
      lastHeard = Date.now();
      document.documentElement.classList.remove("stale");
      $("#lost").hidden = true;
      for (const part of JSON.parse(event.data).parts) put(part);
      say("live", "Live");
    };
    source.addEventListener("all", heard);
    source.addEventListener("parts", heard);
    source.addEventListener("gone", () => location.reload());
  }
  function close() {
    source?.close();
    source = undefined;
  }
  // What is not heard for a while is said, with the age of what is on the screen.
  function watch() {
    showTimes();
    if (!state || isPaused || document.hidden || !source) return;
    const seconds = (Date.now() - lastHeard) / 1000;
    if (seconds < 8) return;
    const lost = $("#lost");
    lost.hidden = false;
    lost.textContent = `No connection to the Orchestrator. What you see is ${length(seconds)} old.`;
    document.documentElement.classList.add("stale");
    say("lost", "No connection");
    if (source.readyState === EventSource.CLOSED) open();
  }
  const pause = $("#pause");
  if (pause) {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      isPaused = !isPaused;
      pause.setAttribute("aria-pressed", isPaused);
      pause.textContent = isPaused ? "Go on" : "Pause";
      if (isPaused) { close(); say("paused", "Paused"); } else { lastHeard = Date.now(); open(); }
    });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close(); else { lastHeard = Date.now(); open(); }
  });
  for (const event of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"]) document.addEventListener(event, open);
  document.addEventListener("htmx:afterSwap", (event) => showTimes(event.target));
  addEventListener("popstate", () => location.reload());
  addEventListener("pagehide", close);

  // ---- The palette -------------------------------------------------------------------------------------------------
  const palette = $("#palette"), opener = $("#open-palette"), looked = palette && $("input", palette);
  function choices() { return all("#choices a", palette); }
  function choose(index) {
    const found = choices();
    found.forEach((one, at) => one.setAttribute("aria-selected", at === index));
    found[index]?.scrollIntoView({ block: "nearest" });
    looked.setAttribute("aria-activedescendant", found[index]?.id ?? "");
  }
  // What was found is chosen from the field, which keeps the focus.
  function offerChoices(event) {
    [...$("#choices").children].forEach((one, at) => {
      one.setAttribute("role", "option");
      one.id = `choice-${at}`;
      if (one.href) one.tabIndex = -1; else one.setAttribute("aria-disabled", true);
    });
    // What was found for less than what is typed by now is only looked at.
    choose(event.detail.requestConfig.formData.get("q") === looked.value ? 0 : -1);
  }
  const chosen = () => choices().findIndex((one) => one.getAttribute("aria-selected") === "true");
  function showPalette() {
    if (!palette || palette.open) return;
    keys.close();
    palette.showModal();
    looked.select();
    if (!choices().length) htmx.trigger(looked, "opened");
  }
  if (palette) {
    opener.hidden = false;
    opener.addEventListener("click", showPalette);
    palette.addEventListener("htmx:afterSwap", offerChoices);
    // Until it is found, Enter goes to nothing of what is shown, but to the page of what will be.
    looked.addEventListener("input", () => choose(-1));
    palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
    palette.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) { event.preventDefault(); choose((chosen() + step + choices().length) % (choices().length || 1)); }
      if (event.key === "Enter" && chosen() >= 0) { event.preventDefault(); location.href = choices()[chosen()].href; }
    });
  }

  const keys = $("#keys"), keysOpener = $("#open-keys");
  function showKeys() { if (keys && !keys.open && !palette.open) keys.showModal(); }
  keysOpener?.addEventListener("click", (event) => {
    event.preventDefault();
    keysOpener.closest("details").open = false;
    showKeys();
  });
  keys?.addEventListener("click", (event) => { if (event.target === keys) keys.close(); });

  // ---- Keys --------------------------------------------------------------------------------------------------------
  // A field of a dialog that has just closed has the focus for a moment longer, and nobody types in it.
  const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]")?.checkVisibility();
  function move(step) {
    const rows = all("a.row");
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    rows[Math.min(rows.length - 1, Math.max(0, at + step))].focus();
  }
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "k") { event.preventDefault(); showPalette(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "/") { event.preventDefault(); showPalette(); }
    if (event.key === "?") showKeys();
    if (event.key === "j") move(1);
    if (event.key === "k") move(-1);
  });
  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const menu of all("details.menu[open]")) { menu.open = false; $("summary", menu).focus(); }
  });

  // ---- Rows of a form: one more, one less ---------------------------------------------------------------------------
  function offerRows(root = document) {
    for (const button of all("[data-add-row][hidden], [data-remove-row][hidden]", root)) button.hidden = false;
  }
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-row]");
    if (add) {
      const rows = add.closest(".rows");
      const template = $(":scope > template", rows);
      const number = rows.dataset.next++;
      const made = document.createElement("template");
      made.innerHTML = template.innerHTML.replaceAll(rows.dataset.row, number);
      const row = made.content.firstElementChild;
      rows.insertBefore(row, template);
      offerRows(row);
      $("input:not([type=hidden]), select, textarea", row)?.focus();
    }
    event.target.closest("[data-remove-row]")?.closest(".row").remove();
  });

  // ---- Copying -----------------------------------------------------------------------------------------------------
  function tell(text) {
    const said = document.createElement("p");
    said.textContent = text;
    $("#said").append(said);
    setTimeout(() => said.remove(), 4000);
  }
  function offerCopies() {
    for (const button of all("[data-copy][hidden]")) button.hidden = false;
  }
  document.addEventListener("console:put", offerCopies);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      tell("Copied.");
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
      tell("Marked: press Ctrl-C to copy.");
    }
  });

  // ---- Boxes that tick all others of a name --------------------------------------------------------------------
  function offerTicks() {
    for (const box of all("[data-tick-all][hidden]")) box.hidden = false;
  }
  document.addEventListener("console:put", offerTicks);
  document.addEventListener("htmx:afterSwap", offerTicks);
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.tickAll;
    if (name) for (const box of all(`input[name="${name}"]`)) box.checked = event.target.checked;
  });
  offerTicks();

  // ---- Files into a text, so that a form sends them -------------------------------------------------------------
  for (const one of all("[data-only-with-script]")) one.hidden = false;
  document.addEventListener("change", async (event) => {
    const into = event.target.dataset?.fileInto, file = event.target.files?.[0];
    if (into && file) document.getElementById(into).value = await file.text();
  });

  offerCopies();
  offerRows();
  showTimes();
  setInterval(watch, 1000);
  open();
})();
