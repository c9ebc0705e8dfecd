// The map: what stands in `#places` by where it is, over tiles where the page names some, and over coastlines otherwise.
// Leaflet sets styles by the object model only, so the page's policy holds.
(() => {
  "use strict";
  const place = document.getElementById("map");
  if (!place) return;
  place.hidden = false;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(place, { zoomAnimation: !isCalm, fadeAnimation: !isCalm, markerZoomAnimation: !isCalm, minZoom: 1, maxZoom: 19, worldCopyJump: true });
  map.attributionControl.setPrefix(false);
  L.control.scale({ imperial: false }).addTo(map);

  // ---- The ground ---------------------------------------------------------------------------------------------------
  const still = { interactive: false };
  function text(words) {
    const element = document.createElement("span");
    element.textContent = words;
    return element.innerHTML;
  }
  // A ring is its first point and the steps to the next ones, in tenths of a degree.
  function ring(steps) {
    let x = 0, y = 0;
    const points = [];
    for (let at = 0; at < steps.length; at += 2) { x += steps[at]; y += steps[at + 1]; points.push([y / 10, x / 10]); }
    return points;
  }
  const STEPS = [30, 10, 5, 2, 1, .5, .2, .1, .05, .02, .01, .005, .002, .001];
  const lines = L.layerGroup().addTo(map);
  function graticule() {
    const bounds = map.getBounds().pad(.2);
    const step = STEPS.findLast((step) => (bounds.getEast() - bounds.getWest()) / step <= 14) || STEPS[0];
    lines.clearLayers();
    const [south, north] = [Math.max(-85, bounds.getSouth()), Math.min(85, bounds.getNorth())];
    const line = (points) => L.polyline(points, { ...still, className: "graticule" }).addTo(lines);
    for (let x = Math.ceil(bounds.getWest() / step); x * step <= bounds.getEast(); x += 1) line([[south, x * step], [north, x * step]]);
    for (let y = Math.ceil(south / step); y * step <= north; y += 1) line([[y * step, bounds.getWest()], [y * step, bounds.getEast()]]);
  }
  function coast(rings) {
    for (const steps of rings) L.polygon(ring(steps), { ...still, className: "land" }).addTo(map).bringToBack();
  }
  if (place.dataset.tiles) {
    L.tileLayer(place.dataset.tiles, { attribution: text(place.dataset.attribution), maxZoom: 19 }).addTo(map);
  } else {
    map.attributionControl.addAttribution("Coastlines: Natural Earth");
    map.on("moveend", graticule);
    fetch(place.dataset.coast).then((answer) => answer.json()).then(coast).catch(() => {});
  }

  // ---- What is on it ------------------------------------------------------------------------------------------------
  const markers = new Map();
  const ties = L.layerGroup().addTo(map);
  function icon(one, shift) {
    const pin = document.createElement("span");
    pin.className = `pin ${one.kind} ${one.state}`;
    pin.innerHTML = document.querySelector(`#shapes [data-shape="${one.state}"]`)?.innerHTML || "";
    return L.divIcon({ html: pin, className: "", iconSize: [26, 26], iconAnchor: [13 - shift * 28, 13] });
  }
  function popup(one) {
    const content = document.createElement("div"), link = document.createElement("a");
    link.href = one.url;
    link.textContent = one.name;
    content.append(link, document.createElement("br"), `${one.noun}: ${one.word}${one.reason ? `, ${one.reason}` : ""}`);
    return content;
  }
  function draw() {
    const data = document.getElementById("places");
    if (!data) return;
    const objects = JSON.parse(data.textContent), there = new Map(), gateways = new Map();
    const seen = new Set();
    for (const one of objects) if (one.kind === "gateway") gateways.set(one.id, one);
    ties.clearLayers();
    for (const one of objects) {
      // What stands in the same place stands side by side.
      const spot = `${one.latitude},${one.longitude}`, shift = there.get(spot) || 0;
      there.set(spot, shift + 1);
      const key = `${one.kind} ${one.id}`, looks = JSON.stringify([one, shift]);
      seen.add(key);
      const known = markers.get(key);
      if (known?.looks !== looks) {
        const at = [one.latitude, one.longitude];
        const shape = icon(one, shift);
        const marker = known?.marker.setIcon(shape) || L.marker(at, { icon: shape, keyboard: true, title: one.name }).addTo(map);
        marker.setLatLng(at).bindPopup(popup(one));
        marker.getElement()?.setAttribute("aria-label", `${one.noun} ${one.name}: ${one.word}`);
        markers.set(key, { marker, looks });
      }
      const gateway = one.kind === "enodeb" && gateways.get(one.gateway);
      if (gateway) L.polyline([[one.latitude, one.longitude], [gateway.latitude, gateway.longitude]], { ...still, className: "tie" }).addTo(ties);
    }
    for (const [key, { marker }] of markers) if (!seen.has(key)) { marker.remove(); markers.delete(key); }
    place.dataset.shown = markers.size;
    for (const button of document.querySelectorAll("[data-show][hidden]")) button.hidden = false;
  }
  function all() {
    const spots = [...markers.values()].map(({ marker }) => marker.getLatLng());
    if (spots.length) map.fitBounds(L.latLngBounds(spots), { maxZoom: 13, padding: [40, 40] }); else map.setView([20, 10], 2);
  }

  // ---- Where one looks is in the URL --------------------------------------------------------------------------------
  function look() {
    const [zoom, latitude, longitude] = location.hash.slice(1).split("/").map(Number);
    if (location.hash && [zoom, latitude, longitude].every(Number.isFinite)) map.setView([latitude, longitude], zoom); else all();
  }
  draw();
  look();
  map.on("moveend", () => {
    const { lat, lng } = map.getCenter();
    history.replaceState(history.state, "", `#${map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  });
  document.addEventListener("console:put", draw);
  document.addEventListener("htmx:afterSettle", () => { draw(); all(); });
  document.addEventListener("click", (event) => {
    const shown = markers.get(event.target.closest("[data-show]")?.dataset.show);
    if (!shown) return;
    map.setView(shown.marker.getLatLng(), Math.max(map.getZoom(), 12), { animate: false });
    shown.marker.openPopup();
  });
})();
