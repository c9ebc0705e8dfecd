// Shows the OpenAPI document of this Orchestrator, and sends requests to it. Nothing leaves for anywhere else.
"use strict";

const main = document.querySelector("main");
const wanted = document.querySelector("#wanted");
const count = document.querySelector("#count");
const signIn = document.querySelector("#sign-in");
const METHODS = ["get", "post", "put", "delete"];
const DEPTH_MAX = 12;
// Who signed in with a password here; kept by this page alone.
let authorization = null;

const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const ask = (path, options = {}) => {
  const headers = { ...options.headers, ...(authorization && { Authorization: authorization }) };
  return fetch(path, { ...options, headers, credentials: "same-origin", redirect: "error" });
};

// What a schema refers to; a name that is being shown already is not followed again.
const resolved = (api, schema) =>
  schema.$ref ? [schema.$ref.split("/").pop(), api.components.schemas[schema.$ref.split("/").pop()] ?? {}] : [null, schema];

// An example that keeps to a schema, as far as one can tell.
function example(api, schema, depth = 0) {
  const [, of] = resolved(api, schema);
  if (depth > DEPTH_MAX) return null;
  if (of.enum) return of.enum[0];
  if (of.type === "object") {
    const fields = Object.entries(of.properties ?? {});
    return Object.fromEntries(fields.map(([name, field]) => [name, example(api, field, depth + 1)]));
  }
  if (of.type === "array") return [example(api, of.items ?? {}, depth + 1)];
  if (of.type === "string") return of.format ?? "";
  if (of.type === "integer" || of.type === "number") return Math.max(0, of.minimum ?? 0);
  return of.type === "boolean" ? false : {};
}

// The rules of a schema in words.
function rules(schema) {
  const words = [schema.type === "array" ? "list" : schema.type ?? "anything"];
  if (schema.format) words.push(schema.format);
  if (schema.enum) words.push("one of " + schema.enum.join(", "));
  if (schema.pattern) words.push("like " + schema.pattern);
  if (schema.minimum !== undefined) words.push("from " + schema.minimum);
  if (schema.maximum !== undefined) words.push("to " + schema.maximum);
  if (schema.minLength) words.push("at least " + schema.minLength + " characters");
  if (schema.maxLength) words.push("at most " + schema.maxLength + " characters");
  return words.join(", ");
}

function described(api, schema, depth = 0, seen = []) {
  const [name, of] = resolved(api, schema);
  if (depth > DEPTH_MAX || (name && seen.includes(name))) return element("span", { textContent: name ?? "…" });
  const within = name ? [...seen, name] : seen;
  if (of.type === "array") return element("div", {}, "list of ", described(api, of.items ?? {}, depth + 1, within));
  if (of.additionalProperties?.type || of.additionalProperties?.$ref)
    return element("div", {}, "by name: ", described(api, of.additionalProperties, depth + 1, within));
  if (!of.properties) return element("span", { textContent: rules(of) });
  const rows = Object.entries(of.properties).map(([field, inner]) =>
    element("tr", {},
      element("th", {}, element("code", { textContent: field + (of.required?.includes(field) ? " *" : "") })),
      element("td", {}, described(api, inner, depth + 1, within))));
  return element("table", {}, ...rows);
}

function form(api, operation) {
  const parameters = operation.parameters ?? [];
  const fields = parameters.map((parameter) => {
    const input = element("input", { name: parameter.name, required: parameter.required ?? false });
    input.dataset.place = parameter.in;
    const title = parameter.name + (parameter.required ? " *" : "");
    return element("tr", {},
      element("th", {}, element("label", {}, element("code", { textContent: title }), " ", input)),
      element("td", { textContent: parameter.in + ", " + rules(parameter.schema) }));
  });
  const made = element("form", {}, element("table", {}, ...fields));
  const body = operation.requestBody?.content["application/json"].schema;
  if (body) {
    const text = JSON.stringify(example(api, body), null, 2);
    made.append(element("h3", { textContent: "Body" }), element("textarea", { name: "body", value: text, spellcheck: false }));
  }
  made.append(element("p", {}, element("button", { textContent: "Send" })));
  return made;
}

function shown(api, path, method, operation) {
  const inside = element("div");
  const row = element("details", {},
    element("summary", {}, element("span", { className: "method " + method, textContent: method.toUpperCase() }),
      element("code", { textContent: path })), inside);
  row.dataset.text = (method + " " + path + " " + JSON.stringify(operation)).toLowerCase();
  row.addEventListener("toggle", () => {
    if (!row.open || inside.childElementCount) return;
    const request = form(api, operation);
    const answer = element("pre", { hidden: true });
    request.addEventListener("submit", (event) => {
      event.preventDefault();
      send(api, path, method, request, answer);
    });
    inside.append(request, answer);
    const body = operation.requestBody?.content["application/json"].schema;
    if (body) inside.append(element("h3", { textContent: "Body, * is required" }), described(api, body));
    for (const [status, response] of Object.entries(operation.responses)) {
      inside.append(element("h3", { textContent: status === "default" ? "Otherwise" : status }));
      const schema = response.content?.["application/json"]?.schema;
      inside.append(schema ? described(api, schema) : "no body, or none that is JSON");
    }
  });
  return row;
}

async function send(api, path, method, request, answer) {
  const query = new URLSearchParams();
  let concrete = path;
  for (const input of request.querySelectorAll("input")) {
    if (input.dataset.place === "path") concrete = concrete.replace("{" + input.name + "}", encodeURIComponent(input.value));
    else if (input.value !== "") query.append(input.name, input.value);
  }
  const body = request.querySelector("textarea")?.value;
  const url = api.servers[0].url + concrete + (query.size ? "?" + query : "");
  if (method === "delete" && !confirm("DELETE " + url + "?")) return;
  answer.hidden = false;
  answer.textContent = "…";
  try {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    const response = await ask(url, { method: method.toUpperCase(), body, headers });
    const text = await response.text();
    let pretty = text;
    try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch { /* It is no JSON. */ }
    answer.textContent = method.toUpperCase() + " " + url + "\n" + response.status + "\n\n" + pretty;
  } catch (error) {
    answer.textContent = "no answer: " + error.message;
  }
}

function search() {
  const words = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const group of main.children) {
    let any = false;
    for (const row of group.querySelectorAll("details")) {
      row.hidden = !words.every((word) => row.dataset.text.includes(word));
      any ||= !row.hidden;
      found += !row.hidden;
    }
    group.hidden = !any;
  }
  count.textContent = found + " operations";
}

async function load() {
  const response = await ask("/swagger/v1/spec");
  signIn.hidden = response.status !== 401;
  if (!response.ok) {
    count.textContent = response.status === 401 ? "" : (await response.json()).message;
    return;
  }
  const api = await response.json();
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((method) => methods[method])) {
      const tag = methods[method].tags?.[0] ?? "";
      if (!groups.has(tag)) groups.set(tag, element("section", {}, element("h2", { textContent: tag })));
      groups.get(tag).append(shown(api, path, method, methods[method]));
    }
  }
  main.replaceChildren(...groups.values());
  search();
}

signIn.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { username, password } = Object.fromEntries(new FormData(signIn));
  const response = await ask("/magma/v1/user/login", { method: "POST", body: JSON.stringify({ username, password }) });
  const answer = await response.json();
  signIn.querySelector("output").textContent = response.ok ? "" : answer.message;
  if (!response.ok) return;
  authorization = "Basic " + btoa(username + ":" + answer.token);
  signIn.reset();
  await load();
});
wanted.addEventListener("input", search);
load().catch((error) => { count.textContent = "no answer: " + error.message; });
