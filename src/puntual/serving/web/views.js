// Which view is shown. All but the flight's are fetched when they are first wanted: a view NAME is a folder with NAME.html,
// NAME.css and NAME.js, whose create(root, catalogue) returns { show(values) } or promises it; `values` is what the address says,
// `catalogue` what the model knows. A view with a title of its own returns title() too.

import { addressOf, readAddress } from "./address.js";
import { byId, element, isPlainClick } from "./elements.js";
import { fillTexts, text } from "./messages.js";
import { fetchFragment, loadStyle } from "./parts.js";

const VIEWS = {
  board: () => import("./board/board.js"),
  compare: () => import("./compare/compare.js"),
  delays: () => import("./delays/delays.js"),
  model: () => import("./model/model.js"),
  service: () => import("./service/service.js"),
};
/** Views of another name, for the same laid out otherwise: without what is pressed, to be read from afar. */
const LAYOUTS = { wall: "board" };
/** Of a view that has more than NAME.css. */
const STYLES = { board: ["board", "sheet", "opened"] };

/**
 * @param createFlight makes the view that needs nothing fetched
 * @param fetchCatalogue promises { airlines, destinations, model }
 */
export function createViews(createFlight, fetchCatalogue) {
  const views = {};
  /** What views that are made anew take over from before. */
  const kept = {};
  const links = [...byId("views").querySelectorAll("[data-view]")];
  const linkTo = (name) => links.find((link) => link.dataset.view === name);
  let current = "";

  /** @param isTranslated whether a view that can be translated has shown all of it already */
  async function show(isTranslated = false) {
    const { view: wanted = "" } = readAddress();
    const layout = Object.hasOwn(LAYOUTS, wanted) ? wanted : "";
    const viewed = layout ? LAYOUTS[layout] : wanted;
    const name = Object.hasOwn(VIEWS, viewed) ? viewed : "flight";
    document.documentElement.dataset.layout = layout;
    for (const link of links) link.ariaCurrent = link.dataset.view === name ? "page" : null;
    current = name;
    reveal(name);
    try {
      views[name] ??= name === "flight" ? Promise.resolve(createFlight()) : load(name, fetchCatalogue, kept[name]);
      const view = await views[name];
      if (current !== name) return;
      reveal(name);
      if (!isTranslated || !view.translate) view.show(readAddress());
      document.title = view.title?.() ?? text("page.view_title", { view: linkTo(name).textContent });
    } catch (error) {
      discard(name);
      if (current === name) fail(error);
    }
  }

  function reveal(name) {
    byId("view-failure").hidden = true;
    for (const section of document.querySelectorAll("main > .view")) section.hidden = section.id !== `view-${name}`;
  }

  /** A view that failed is fetched again the next time. */
  function discard(name) {
    delete views[name];
    if (name === "flight") return;
    const root = byId(`view-${name}`);
    if (root) root.hidden = true; // what it has under way ends
    root?.remove();
  }

  /** Say everything in the language that the texts are in now. */
  async function translate() {
    for (const link of links) {
      const { view, ...values } = Object.fromEntries(new URL(link.href).searchParams);
      link.href = addressOf(view ?? "flight", { ...values, lang: readAddress().lang });
    }
    for (const [name, made] of Object.entries(views)) {
      const view = await made.catch(() => null);
      kept[name] = view?.keep?.();
      if (view?.translate) view.translate();
      else discard(name);
    }
    const { scrollY } = window;
    await show(true);
    scrollTo(0, scrollY);
  }

  function fail(error) {
    byId("view-failure").hidden = false;
    byId("view-failure").textContent = text("view.failure", { detail: error.message });
  }

  function follow(event) {
    const link = event.target.closest("a[data-view]");
    if (!link || !isPlainClick(event)) return;
    event.preventDefault();
    // A link back to a view leads to the state that it was left in, but not to another layout of it.
    if (!document.documentElement.dataset.layout) linkTo(current).href = location.search || location.pathname;
    history.pushState(null, "", link.href);
    scrollTo(0, 0);
    show();
  }

  document.addEventListener("click", follow);
  for (const link of links) link.href = addressOf(link.dataset.view);
  return { show, translate, shows: (name) => current === name };
}

async function load(name, fetchCatalogue, kept) {
  const root = element("section", { id: `view-${name}`, class: `view view-${name}`, "aria-busy": "true" }, text("view.loading"));
  byId("main").append(root);
  const styles = (STYLES[name] ?? [name]).map((style) => loadStyle(`${name}/${style}.css`));
  const parts = [fetchFragment(`${name}/${name}.html`), VIEWS[name](), fetchCatalogue(), ...styles];
  const [html, { create }, catalogue] = await Promise.all(parts);
  root.innerHTML = html;
  fillTexts(root);
  root.ariaBusy = "false";
  return create(root, catalogue, kept);
}
