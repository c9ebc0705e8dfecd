// A log that is written while one looks at it: lines are put below, the oldest go, and one can hold it.
(() => {
  "use strict";
  const LINES_MAX = 2000, WAITING_MAX = 5000;
  for (const box of document.querySelectorAll("[data-log]")) {
    const part = (name) => box.querySelector(`[data-log-${name}]`);
    const lines = part("lines"), pause = part("pause"), state = part("state"), filter = part("filter");
    let isPaused = false, waiting = [], passedOver = 0, rest = "";
    const say = (text) => { state.textContent = text; };
    const fits = (text) => text.toLowerCase().includes(filter.value.toLowerCase());
    function add(texts) {
      const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
      for (const text of texts) {
        const line = document.createElement("span");
        line.textContent = text + "\n";
        line.hidden = !fits(text);
        lines.append(line);
      }
      while (lines.childElementCount > LINES_MAX) lines.firstElementChild.remove();
      if (isAtEnd) lines.scrollTop = lines.scrollHeight;
    }
    function take(text) {
      const parts = (rest + text).split("\n");
      rest = parts.pop().slice(-65536);
      if (!isPaused) return add(parts);
      waiting.push(...parts);
      passedOver += Math.max(0, waiting.length - WAITING_MAX);
      waiting = waiting.slice(-WAITING_MAX);
      say(`Held. Lines that wait: ${waiting.length}${passedOver ? `; older ones that are lost: ${passedOver}` : ""}.`);
    }
    pause.hidden = false;
    pause.addEventListener("click", () => {
      isPaused = !isPaused;
      pause.setAttribute("aria-pressed", isPaused);
      pause.textContent = isPaused ? "Go on" : "Pause";
      if (isPaused) return say("Held.");
      add(waiting);
      waiting = []; passedOver = 0;
      say("Live");
    });
    filter.addEventListener("input", () => {
      for (const line of lines.children) line.hidden = !fits(line.textContent);
    });
    const leaving = new AbortController();
    addEventListener("pagehide", () => leaving.abort());
    (async () => {
      try {
        const answer = await fetch(box.dataset.log, { signal: leaving.signal });
        if (!answer.ok) {
          const text = await answer.text();
          let said = text;
          try { said = JSON.parse(text).message; } catch { /* It is words already. */ }
          return say(`The log cannot be followed: ${said}`);
        }
        say("Live");
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          take(value);
        }
        say("The log has ended. Reload the page to follow it anew.");
      } catch (error) {
        if (!leaving.signal.aborted) say(`The connection broke off (${error.message}). Reload the page to follow it anew.`);
      }
    })();
  }
})();
