// Shows openapi.json: each route with what it takes and gives, and a way to try it. The description is in English; messages/docs-es.json
// has its routes, parameters and errors in Spanish.

import { encodeQuery, readAddress } from "./address.js";
import { byId, element } from "./elements.js";
import { fetchWithKey } from "./key.js";
import { fillTexts, language, loadMessages, number, otherLanguage, text, textOr } from "./messages.js";

const pretty = (value) => JSON.stringify(value, null, 2);
const code = (text) => element("code", {}, text);
const block = (text) => element("pre", { tabindex: "0" }, code(text));

const keyWords = async () => {
  return Object.fromEntries(["title", "label", "wrong", "confirm", "cancel"].map((name) => [name, text(`key.${name}`)]));
};

/** A text with `words` in back-quotes as code. */
function prose(tag, text) {
  const pieces = (text ?? "").split("`").map((piece, index) => (index % 2 ? code(piece) : piece));
  return element(tag, {}, ...pieces);
}

/** What the description says of answers, in the reader's language. */
const meanings = new Map();

async function start() {
  await loadMessages(readAddress().lang, "docs-");
  fillTexts(document);
  document.title = text("docs.page_title");
  const other = byId("other-language");
  other.lang = otherLanguage();
  other.addEventListener("click", () => (other.href = `docs?lang=${otherLanguage()}${location.hash}`));
  byId("back").href = addressOfPage();
  let api;
  try {
    api = await (await fetchWithKey(keyWords, "openapi.json")).json();
    if (!api.paths) throw new Error(api.detail);
  } catch (error) {
    byId("about").textContent = text("docs.failed", { detail: error.message });
    return;
  }
  byId("about").replaceWith(prose("p", introduction(api)));
  for (const [name, { title }] of Object.entries(api["x-problems"])) meanings.set(title, textOr(`problem.${name}`, title));
  meanings.set("The answer", text("docs.answer"));
  meanings.set("Any other error", text("docs.other_error"));
  meanings.set("The client already has the answer with the etag in if-none-match", text("docs.not_modified"));
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      byId("all-routes").append(route(method.toUpperCase(), path, operation));
      byId("contents").append(element("a", { href: `#${operation.operationId}` }, code(path)));
    }
  }
  for (const [name, { status, title }] of Object.entries(api["x-problems"])) {
    const meaning = element("dd", {}, meanings.get(title), " ", code(name));
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
    prose("p", `${summaryOf(operation)}.`),
    ...(body ? [element("p", {}, text("docs.takes"), " ", type(body.schema), ".")] : []),
    ...(operation.parameters ?? []).map((one) => parameter(one)),
    ...(operation.responses["200"].content?.["text/event-stream"] ? [] : [trial(method, path, body, operation)]),
    element("details", {}, element("summary", {}, text("docs.answers")), ...answers),
  );
}

const summaryOf = ({ operationId, summary }) => textOr(`route.${operationId}`, summary);

function parameter({ name, schema, description, ...where }) {
  const shown = code(inPath(where) ? `{${name}}` : `?${name}=`);
  return element("p", {}, text("docs.with"), " ", shown, " ", type(schema), `: ${textOr(`parameter.${name}`, description)}.`);
}

/** What the description says first, in the reader's language. */
function introduction({ info, paths, components }) {
  const { example: model } = paths["/v1/model"].get.responses["200"].content["application/json"];
  const { maxItems } = components.schemas.PredictionRequest.properties.flights;
  const values = { model: model.name, minutes: model.threshold_minutes, flights: number(maxItems) };
  return textOr("docs.introduction", info.description, values);
}

/** The page in the language of this one. */
function addressOfPage() {
  const { lang } = readAddress();
  return lang ? `./?${encodeQuery({ lang })}` : "./";
}

/** What a status means: of several errors, all. */
const meaningOf = (description) => description.split("; ").map((part) => meanings.get(part) ?? part).join("; ");

const inPath = (parameter) => parameter.in === "path";

function response(status, { description, content }) {
  const code = element("strong", {}, status === "default" ? "…" : status);
  if (!content) return element("div", {}, element("p", {}, code, ` ${meaningOf(description)}.`));
  const [[mediaType, { schema, example }]] = Object.entries(content);
  const head = element("p", {}, code, ` ${meaningOf(description)}: `, type(schema), ` ${text("docs.as")} `, element("code", {}, mediaType));
  return element("div", {}, head, ...(example ? [block(pretty(example))] : []));
}

/** A form that sends a request and shows what comes back. */
function trial(method, path, body, operation) {
  const { parameters = [], security } = operation;
  const curl = element("code");
  const status = element("p", { class: "status", role: "status" });
  const answer = element("code");
  const output = element("pre", { tabindex: "0", hidden: "" }, answer);
  const button = element("button", { type: "button" }, text("docs.try"));
  const editor = body && element("textarea", { spellcheck: "false", "aria-label": text("docs.body", { route: `${method} ${path}` }) });
  const choice = body && element("select", { "aria-label": text("docs.example") });
  const choices = parameters.map(({ name, schema, ...where }) => {
    if (!schema.enum) {
      const value = where.required ? schema.examples[0] : "";
      return element("input", { name, "aria-label": name, placeholder: `${name} …`, value, ...(inPath(where) && { "data-path": "" }) });
    }
    const options = ["", ...schema.enum].map((value) => element("option", { value }, value || `${name} …`));
    const made = element("select", { name, "aria-label": name }, ...options);
    made.value = chosenAtFirst(operation, name);
    return made;
  });
  const target = () => {
    const chosen = choices.filter((one) => one.value && !("path" in one.dataset)).map((one) => [one.name, one.value]);
    const filled = choices.reduce((so, { name, value }) => so.replace(`{${name}}`, () => encodeURIComponent(value)), path);
    return chosen.length ? `${filled}?${new URLSearchParams(chosen)}` : filled;
  };
  const showCommand = () => (curl.textContent = command(method, target(), editor?.value, Boolean(security)));

  function showExample() {
    editor.value = pretty(body.examples[choice.value].value);
    editor.rows = editor.value.split("\n").length;
    showCommand();
  }

  async function send() {
    status.textContent = text("docs.asking");
    const begin = performance.now();
    const headers = { "Content-Type": "application/json" };
    const options = editor ? { method, headers, body: editor.value } : { method };
    try {
      const got = await fetchWithKey(keyWords, target().slice(1), () => options);
      answer.textContent = readable(await got.text());
      const values = { status: `${got.status} ${got.statusText}`, milliseconds: number(performance.now() - begin) };
      status.textContent = text("docs.answered", values);
    } catch (error) {
      answer.textContent = "";
      status.textContent = text("docs.no_answer", { detail: error.message });
    }
    output.hidden = !answer.textContent;
  }

  button.addEventListener("click", send);
  if (body) {
    for (const [name, { summary }] of Object.entries(body.examples)) {
      choice.append(element("option", { value: name }, summary === operation.summary ? summaryOf(operation) : textOr(`example.${name}`, summary)));
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

/** Answers of `predict` are worth reading with their reasons, in the reader's language. */
function chosenAtFirst({ operationId }, name) {
  return operationId === "predict" ? ({ detail: "full", language }[name] ?? "") : "";
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
    const optional = required.has(field) ? "" : element("small", {}, text("docs.optional"));
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
  if (schema.enum) return element("span", {}, schema.enum.map((value) => JSON.stringify(value)).join(` ${text("docs.or")} `));
  if (schema.anyOf) {
    const kinds = schema.anyOf.flatMap((one, index) => (index ? [` ${text("docs.or")} `, type(one)] : [type(one)]));
    return element("span", {}, ...kinds);
  }
  if (schema.type === "array") {
    const { minItems: least, maxItems: most } = schema;
    const count = most ? text("docs.list_count", { least: least ?? 0, most: number(most) }) : text("docs.list");
    return element("span", {}, `${count} `, type(schema.items ?? {}));
  }
  const limits = [schema.minimum ?? schema.minLength, schema.maximum ?? schema.maxLength];
  const range = limits.every((limit) => limit !== undefined) ? `, ${limits.join(` ${text("docs.to")} `)}` : "";
  const unit = schema.type === "string" && range ? ` ${text("docs.characters")}` : "";
  return element("span", {}, `${schema.type ?? "any"}${range}${unit}`);
}

start();
