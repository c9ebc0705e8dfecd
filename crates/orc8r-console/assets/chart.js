// Charts: draws what stands in `data-chart` of a figure. Dragging chooses a time and puts it into the page's URL;
// a double click goes back to the range before.
(() => {
  "use strict";
  const PREFIXES = { 1000: ["", "k", "M", "G", "T", "P"], 1024: ["", "Ki", "Mi", "Gi", "Ti", "Pi"] };
  const BINARY = Array.from({ length: 60 }, (_, at) => 2 ** at);
  const HEIGHT = 190;

  // Numbers as the server writes them.
  function digits(value) {
    const size = Math.abs(value);
    const places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.001 ? 3 : 6;
    const text = value.toFixed(places);
    return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  }
  function prefixed(value, base, symbol) {
    let scaled = value, at = 0;
    if (Math.abs(value) >= (symbol ? base : 10000))
      while (Math.abs(scaled) >= base && at < 5) { scaled /= base; at += 1; }
    const unit = PREFIXES[base][at] + symbol;
    return digits(scaled) + (unit && unit !== "/s" ? " " : "") + unit;
  }
  function seconds(value) {
    const size = Math.abs(value);
    const [factor, unit] = !size ? [1, "s"] : size < 1e-3 ? [1e6, "µs"] : size < 1 ? [1e3, "ms"] : size < 120 ? [1, "s"]
      : size < 7200 ? [1 / 60, "min"] : size < 172800 ? [1 / 3600, "h"] : [1 / 86400, "d"];
    return `${digits(value * factor)} ${unit}`;
  }
  const SHOW = {
    "count": (value) => prefixed(value, 1000, ""),
    "per-second": (value) => prefixed(value, 1000, "/s"),
    "bit-per-second": (value) => prefixed(value, 1000, "bit/s"),
    "byte": (value) => prefixed(value, 1024, "B"),
    "percent": (value) => `${digits(value)} %`,
    "second": seconds,
    "celsius": (value) => `${digits(value)} °C`,
  };

  // A moment at the axis: the time, and the day where a new one begins.
  const two = (number) => String(number).padStart(2, "0");
  function moment(mark, before, step) {
    const time = new Date(mark * 1000), last = before && new Date(before * 1000);
    const day = `${two(time.getMonth() + 1)}-${two(time.getDate())}`;
    if (step >= 86400) return day;
    const clock = `${two(time.getHours())}:${two(time.getMinutes())}${step < 60 ? `:${two(time.getSeconds())}` : ""}`;
    return last && last.getDate() !== time.getDate() ? `${clock}\n${day}` : clock;
  }

  // ---- Zoom: the range is the page's, so a link that is shared shows the same --------------------------------------
  const text = (time) => new Date(time * 1000).toISOString().slice(0, 19);
  function zoom(from, to) {
    const url = new URL(location.href);
    url.searchParams.set("from", text(from));
    url.searchParams.set("to", text(to));
    location.assign(url);
  }
  function back() {
    const url = new URL(location.href);
    if (!url.searchParams.has("from")) return;
    url.searchParams.delete("from");
    url.searchParams.delete("to");
    location.assign(url);
  }

  // ---- Drawing -----------------------------------------------------------------------------------------------------
  const plots = new Map();
  function drop(figure) {
    plots.get(figure)?.plot.destroy();
    plots.delete(figure);
  }
  function draw(figure) {
    const place = figure.querySelector(".plot");
    if (!place || !place.clientWidth) return;
    drop(figure);
    const { unit, start, step, lines } = JSON.parse(figure.dataset.chart);
    const show = SHOW[unit] || SHOW.count;
    const style = getComputedStyle(figure);
    const soft = getComputedStyle(figure.querySelector("figcaption")).color;
    const grid = style.borderTopColor;
    const swatches = [...figure.querySelectorAll(".swatch")];
    const times = lines[0].values.map((_, at) => start + at * step);
    const axis = { stroke: soft, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font: "12px system-ui, sans-serif" };
    const labels = (values) => values.map((value) => value == null ? "" : show(value));
    const said = document.createElement("p");
    said.className = "cursor";
    const options = {
      width: place.clientWidth, height: HEIGHT, legend: { show: false },
      scales: { y: { range: (_, low, high) => span(low, high) } },
      cursor: {
        drag: { x: true, y: false, setScale: false }, points: { size: 6 },
        bind: { dblclick: () => () => { back(); return null; } },
      },
      axes: [{ ...axis, space: 70, values: (_, marks, __, ___, step) => marks.map((mark, at) => moment(mark, marks[at - 1], step)) }, { ...axis, size: 78, incrs: unit === "byte" ? BINARY : undefined, values: (_, values) => labels(values) }],
      series: [{}, ...lines.map((line, at) => ({
        label: line.name, stroke: getComputedStyle(swatches[at]).color, width: 1.6,
        dash: swatches[at].classList.contains("dashed") ? [6, 4] : undefined,
        points: { show: (plot, _, from, to) => isAlone(line.values, from, to), size: 4 }, spanGaps: false,
      }))],
      hooks: {
        setSelect: [(plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          zoom(Math.floor(plot.posToVal(left, "x")), Math.ceil(plot.posToVal(left + width, "x")));
        }],
        setCursor: [(plot) => {
          const at = plot.cursor.idx;
          const values = at == null ? [] : lines.map((line) => `${line.name} ${line.values[at] == null ? "–" : show(line.values[at])}`);
          said.textContent = at == null ? "" : `${new Date(times[at] * 1000).toLocaleString()}   ${values.join("   ")}`;
        }],
      },
    };
    place.textContent = "";
    const plot = new uPlot(options, [times, ...lines.map((line) => line.values)], place);
    place.append(said);
    plot.root.addEventListener("mousedown", () => { figure.dataset.busy = ""; });
    plots.set(figure, { plot, data: figure.dataset.chart });
    figure.dataset.drawn = "";
  }
  // From zero, so that a line says how much it is; a line that does not change stays in the middle.
  function span(low, high) {
    if (low == null) return [0, 1];
    const bottom = Math.min(0, low), top = Math.max(0, high);
    return top === bottom ? [0, 1] : [bottom * 1.05, top * 1.08];
  }
  // A value between two gaps would not be seen as a line.
  function isAlone(values) {
    return values.some((value, at) => value != null && values[at - 1] == null && values[at + 1] == null);
  }
  function drawAll(isForced) {
    for (const figure of plots.keys()) if (!figure.isConnected) drop(figure);
    for (const figure of document.querySelectorAll("figure[data-chart]")) {
      const known = plots.get(figure);
      if (isForced || !known || known.data !== figure.dataset.chart || !known.plot.root.isConnected) draw(figure);
    }
  }
  addEventListener("mouseup", () => {
    for (const figure of document.querySelectorAll("figure[data-busy]")) delete figure.dataset.busy;
  });

  let width = innerWidth;
  addEventListener("resize", () => { if (width !== innerWidth) { width = innerWidth; drawAll(true); } });
  document.addEventListener("console:put", () => drawAll(false));
  document.addEventListener("htmx:afterSwap", () => drawAll(false));
  document.addEventListener("toggle", () => drawAll(false), true);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(true));
  new MutationObserver(() => drawAll(true)).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  drawAll(true);
})();
