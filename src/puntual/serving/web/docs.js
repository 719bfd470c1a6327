// Shows openapi.json: each route with what it takes and gives, and a way to try it.

import { byId, element } from "./elements.js";
import { fetchWithKey } from "./key.js";

const pretty = (value) => JSON.stringify(value, null, 2);
const code = (text) => element("code", {}, text);
const block = (text) => element("pre", { tabindex: "0" }, code(text));

const keyWords = async () => ({
  title: "This server asks for a key",
  label: "Key of the API; it is kept until you close this tab",
  wrong: "That key is not valid.",
  confirm: "Use it",
  cancel: "Not now",
});

/** A text with `words` in back-quotes as code. */
function prose(tag, text) {
  const pieces = (text ?? "").split("`").map((piece, index) => (index % 2 ? code(piece) : piece));
  return element(tag, {}, ...pieces);
}

async function start() {
  let api;
  try {
    api = await (await fetchWithKey(keyWords, "openapi.json")).json();
    if (!api.paths) throw new Error(api.detail);
  } catch (error) {
    byId("about").textContent = `The description cannot be fetched: ${error.message}`;
    return;
  }
  byId("about").replaceWith(prose("p", api.info.description));
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      byId("all-routes").append(route(method.toUpperCase(), path, operation));
      byId("contents").append(element("a", { href: `#${operation.operationId}` }, code(path)));
    }
  }
  for (const [name, { status, title }] of Object.entries(api["x-problems"])) {
    const meaning = element("dd", {}, title, " ", code(name));
    byId("problem-list").append(element("div", { id: name }, element("dt", {}, String(status)), meaning));
  }
  for (const [name, schema] of Object.entries(api.components.schemas)) byId("schemas").append(fields(name, schema));
  for (const id of ["contents", "problems", "schemas"]) byId(id).hidden = false;
  if (location.hash) byId(location.hash.slice(1))?.scrollIntoView();
}

function route(method, path, operation) {
  const body = operation.requestBody?.content["application/json"];
  const answers = Object.entries(operation.responses).map(([status, answer]) => response(status, answer));
  return element(
    "article",
    { id: operation.operationId, class: "route" },
    element("h2", {}, element("span", { class: `method ${method.toLowerCase()}` }, method), " ", code(path)),
    prose("p", `${operation.summary}.`),
    ...(body ? [element("p", {}, "Takes ", type(body.schema), ".")] : []),
    ...(operation.parameters ?? []).map((one) =>
      element("p", {}, "With ", code(inPath(one) ? `{${one.name}}` : `?${one.name}=`), " ", type(one.schema), `: ${one.description}.`),
    ),
    ...(operation.responses["200"].content?.["text/event-stream"] ? [] : [trial(method, path, body, operation.parameters ?? [], Boolean(operation.security))]),
    element("details", {}, element("summary", {}, "Answers"), ...answers),
  );
}

const inPath = (parameter) => parameter.in === "path";

function response(status, { description, content }) {
  const number = element("strong", {}, status);
  if (!content) return element("div", {}, element("p", {}, number, ` ${description}.`));
  const [[mediaType, { schema, example }]] = Object.entries(content);
  const head = element("p", {}, number, ` ${description}: `, type(schema), " as ", code(mediaType));
  return element("div", {}, head, ...(example ? [block(pretty(example))] : []));
}

/** A form that sends a request and shows what comes back. */
function trial(method, path, body, parameters, secured) {
  const curl = element("code");
  const status = element("p", { class: "status", role: "status" });
  const answer = element("code");
  const output = element("pre", { tabindex: "0", hidden: "" }, answer);
  const button = element("button", { type: "button" }, "Try it");
  const editor = body && element("textarea", { spellcheck: "false", "aria-label": `Body of ${method} ${path}` });
  const choice = body && element("select", { "aria-label": "Example" });
  const choices = parameters.map(({ name, schema, ...where }) => {
    if (!schema.enum) {
      const value = inPath(where) ? schema.examples[0] : "";
      return element("input", { name, "aria-label": name, placeholder: `${name} …`, value, ...(inPath(where) && { "data-path": "" }) });
    }
    const options = ["", ...schema.enum].map((value) => element("option", { value }, value || `${name} …`));
    return element("select", { name, "aria-label": name }, ...options);
  });
  const target = () => {
    const chosen = choices.filter((one) => one.value && !("path" in one.dataset)).map((one) => [one.name, one.value]);
    const filled = choices.reduce((so, { name, value }) => so.replace(`{${name}}`, () => encodeURIComponent(value)), path);
    return chosen.length ? `${filled}?${new URLSearchParams(chosen)}` : filled;
  };
  const showCommand = () => (curl.textContent = command(method, target(), editor?.value, secured));

  function showExample() {
    editor.value = pretty(body.examples[choice.value].value);
    editor.rows = editor.value.split("\n").length;
    showCommand();
  }

  async function send() {
    status.textContent = "Asking …";
    const begin = performance.now();
    const headers = { "Content-Type": "application/json" };
    const options = editor ? { method, headers, body: editor.value } : { method };
    try {
      const got = await fetchWithKey(keyWords, target().slice(1), () => options);
      answer.textContent = readable(await got.text());
      status.textContent = `${got.status} ${got.statusText} in ${(performance.now() - begin).toFixed(0)} ms`;
    } catch (error) {
      answer.textContent = "";
      status.textContent = `No answer: ${error.message}`;
    }
    output.hidden = !answer.textContent;
  }

  button.addEventListener("click", send);
  if (body) {
    for (const [name, { summary }] of Object.entries(body.examples)) {
      choice.append(element("option", { value: name }, summary));
    }
    choice.addEventListener("change", showExample);
    editor.addEventListener("input", showCommand);
    showExample();
  }
  for (const one of choices) one.addEventListener("input", showCommand);
  showCommand();
  const shell = element("pre", { class: "curl", tabindex: "0" }, curl);
  return element("div", { class: "trial" }, ...(body ? [choice, editor] : []), ...choices, shell, button, status, output);
}

/** JSON in lines; what is not JSON, such as metrics, as it is. */
function readable(body) {
  try {
    return pretty(JSON.parse(body));
  } catch {
    return body;
  }
}

function command(method, path, body, secured) {
  const address = new URL(path.slice(1), document.baseURI).href;
  const key = secured ? `-H "Authorization: Bearer $PUNTUAL_KEY" ` : "";
  const url = key + (address.includes("?") ? `'${address}'` : address); // a shell has its own meaning for ? and &
  if (body === undefined) return `curl ${url}`;
  let compact = body;
  try {
    compact = JSON.stringify(JSON.parse(body));
  } catch {
    // Shown as it is: what is not JSON may be tried too.
  }
  const put = method === "POST" ? "" : `-X ${method} `;
  return `curl ${put}-H 'content-type: application/json' ${url} \\\n  -d '${compact.replaceAll("'", "'\\''")}'`;
}

function fields(name, schema) {
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties).map(([field, about]) => {
    const optional = required.has(field) ? "" : element("small", {}, "optional");
    const head = element("th", { scope: "row" }, code(field), optional);
    return element("tr", {}, head, element("td", {}, type(about)), prose("td", about.description));
  });
  const table = element("div", { class: "wide" }, element("table", {}, element("tbody", {}, ...rows)));
  const title = element("h3", {}, name);
  const examples = (schema.examples ?? []).map((example) => block(pretty(example)));
  const about = prose("p", schema.description);
  return element("article", { id: `schema-${name}`, class: "schema" }, title, about, table, ...examples);
}

/** How a schema is called: a link to it, or the name of its JSON type with its limits. */
function type(schema) {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1);
    return element("a", { href: `#schema-${name}` }, name);
  }
  if (schema.enum) return element("span", {}, schema.enum.map((value) => JSON.stringify(value)).join(" or "));
  if (schema.anyOf) {
    const kinds = schema.anyOf.flatMap((one, index) => (index ? [" or ", type(one)] : [type(one)]));
    return element("span", {}, ...kinds);
  }
  if (schema.type === "array") {
    const { minItems: least, maxItems: most } = schema;
    const count = most ? ` of ${least ?? 0} to ${most.toLocaleString("en")} ` : " of ";
    return element("span", {}, "list", count, type(schema.items ?? {}));
  }
  const limits = [schema.minimum ?? schema.minLength, schema.maximum ?? schema.maxLength];
  const range = limits.every((limit) => limit !== undefined) ? `, ${limits.join(" to ")}` : "";
  const unit = schema.type === "string" && range ? " characters" : "";
  return element("span", {}, `${schema.type ?? "any"}${range}${unit}`);
}

start();
