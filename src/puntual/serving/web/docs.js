// Shows openapi.json: each route with what it takes and gives, and a way to try it.

const part = (id) => document.getElementById(id);
const pretty = (value) => JSON.stringify(value, null, 2);

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const code = (text) => make("code", {}, text);

/** A text with `words` in back-quotes as code. */
function prose(tag, text) {
  const pieces = (text ?? "").split("`").map((piece, index) => (index % 2 ? code(piece) : piece));
  return make(tag, {}, ...pieces);
}

async function start() {
  let api;
  try {
    api = await (await fetch("openapi.json")).json();
    if (!api.paths) throw new Error(api.detail);
  } catch (error) {
    part("about").textContent = `The description cannot be had: ${error.message}`;
    return;
  }
  part("about").replaceWith(prose("p", api.info.description));
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      part("routes").append(route(method.toUpperCase(), path, operation));
      const link = make("a", { href: `#${operation.operationId}` }, code(path));
      part("contents").append(link);
    }
  }
  for (const [name, { status, title }] of Object.entries(api["x-problems"])) {
    const meaning = make("dd", {}, title, " ", code(name));
    part("problem-list").append(make("div", { id: name }, make("dt", {}, String(status)), meaning));
  }
  for (const [name, schema] of Object.entries(api.components.schemas)) part("schemas").append(fields(name, schema));
  for (const id of ["contents", "problems", "schemas"]) part(id).hidden = false;
  if (location.hash) part(location.hash.slice(1))?.scrollIntoView();
}

function route(method, path, operation) {
  const body = operation.requestBody?.content["application/json"];
  const answers = Object.entries(operation.responses).map(([status, answer]) => response(status, answer));
  return make(
    "article",
    { id: operation.operationId, class: "route" },
    make("h2", {}, make("span", { class: `method ${method.toLowerCase()}` }, method), " ", code(path)),
    prose("p", `${operation.summary}.`),
    ...(body ? [make("p", {}, "Takes ", type(body.schema), ".")] : []),
    ...(operation.parameters ?? []).map((one) =>
      make("p", {}, "With ", code(`?${one.name}=`), " ", type(one.schema), `: ${one.description}.`),
    ),
    trial(method, path, body, operation.parameters ?? []),
    make("details", {}, make("summary", {}, "Answers"), ...answers),
  );
}

function response(status, { description, content }) {
  const number = make("strong", {}, status);
  if (!content) return make("div", {}, make("p", {}, number, ` ${description}.`));
  const [[mediaType, { schema, example }]] = Object.entries(content);
  const head = make("p", {}, number, ` ${description}: `, type(schema), " as ", code(mediaType));
  return make("div", {}, head, ...(example ? [shown(pretty(example))] : []));
}

const shown = (text) => make("pre", { tabindex: "0" }, code(text));

/** A form that sends a request and shows what comes back. */
function trial(method, path, body, parameters) {
  const curl = make("code");
  const status = make("p", { class: "status", role: "status" });
  const answer = make("code");
  const output = make("pre", { tabindex: "0", hidden: "" }, answer);
  const button = make("button", { type: "button" }, "Try it");
  const editor = body && make("textarea", { spellcheck: "false", "aria-label": `Body of ${method} ${path}` });
  const choice = body && make("select", { "aria-label": "Example" });
  const choices = parameters.map(({ name, schema }) => {
    const options = ["", ...schema.enum].map((value) => make("option", { value }, value || `${name} …`));
    return make("select", { name, "aria-label": name }, ...options);
  });
  const asked = () => {
    const chosen = choices.filter((one) => one.value).map((one) => [one.name, one.value]);
    return chosen.length ? `${path}?${new URLSearchParams(chosen)}` : path;
  };
  const say = () => (curl.textContent = command(method, asked(), editor?.value));

  function choose() {
    editor.value = pretty(body.examples[choice.value].value);
    editor.rows = editor.value.split("\n").length;
    say();
  }

  async function send() {
    status.textContent = "Asking …";
    const begin = performance.now();
    const headers = { "Content-Type": "application/json" };
    const options = editor ? { method, headers, body: editor.value } : { method };
    try {
      const got = await fetch(asked().slice(1), options);
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
      choice.append(make("option", { value: name }, summary));
    }
    choice.addEventListener("change", choose);
    editor.addEventListener("input", say);
    choose();
  }
  for (const one of choices) one.addEventListener("change", say);
  say();
  const shell = make("pre", { class: "curl", tabindex: "0" }, curl);
  return make("div", { class: "trial" }, ...(body ? [choice, editor] : []), ...choices, shell, button, status, output);
}

/** JSON in lines; what is not JSON, such as metrics, as it is. */
function readable(body) {
  try {
    return pretty(JSON.parse(body));
  } catch {
    return body;
  }
}

function command(method, path, body) {
  const address = new URL(path.slice(1), document.baseURI).href;
  const url = address.includes("?") ? `'${address}'` : address; // a shell has its own meaning for ? and &
  if (body === undefined) return `curl ${url}`;
  let compact = body;
  try {
    compact = JSON.stringify(JSON.parse(body));
  } catch {
    // Shown as it is: what is not JSON may be tried too.
  }
  return `curl -H 'content-type: application/json' ${url} \\\n  -d '${compact.replaceAll("'", "'\\''")}'`;
}

function fields(name, schema) {
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties).map(([field, about]) => {
    const optional = required.has(field) ? "" : make("small", {}, "optional");
    const head = make("th", { scope: "row" }, code(field), optional);
    return make("tr", {}, head, make("td", {}, type(about)), prose("td", about.description));
  });
  const table = make("div", { class: "wide" }, make("table", {}, make("tbody", {}, ...rows)));
  const title = make("h3", {}, name);
  const examples = (schema.examples ?? []).map((example) => shown(pretty(example)));
  const about = prose("p", schema.description);
  return make("article", { id: `schema-${name}`, class: "schema" }, title, about, table, ...examples);
}

/** How a schema is called: a link to it, or the name of its JSON type with its limits. */
function type(schema) {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1);
    return make("a", { href: `#schema-${name}` }, name);
  }
  if (schema.enum) return make("span", {}, schema.enum.map((value) => JSON.stringify(value)).join(" or "));
  if (schema.anyOf) {
    const kinds = schema.anyOf.flatMap((one, index) => (index ? [" or ", type(one)] : [type(one)]));
    return make("span", {}, ...kinds);
  }
  if (schema.type === "array") {
    const { minItems: least, maxItems: most } = schema;
    const count = most ? ` of ${least ?? 0} to ${most.toLocaleString("en")} ` : " of ";
    return make("span", {}, "list", count, type(schema.items ?? {}));
  }
  const limits = [schema.minimum ?? schema.minLength, schema.maximum ?? schema.maxLength];
  const range = limits.every((limit) => limit !== undefined) ? `, ${limits.join(" to ")}` : "";
  const unit = schema.type === "string" && range ? " characters" : "";
  return make("span", {}, `${schema.type ?? "any"}${range}${unit}`);
}

start();
