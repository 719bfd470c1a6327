// Which view is shown. All but that of a flight are fetched when they are first asked for: a view NAME is a folder with
// NAME.html, NAME.css and NAME.js, whose create(root, known) gives { show(values), title() }; `values` is what the
// address says, `known` what the model knows.

import { addressOf, readAddress } from "./address.js";
import { fillTexts, text } from "./messages.js";

const VIEWS = {
  board: () => import("./board/board.js"),
  delays: () => import("./delays/delays.js"),
  model: () => import("./model/model.js"),
  service: () => import("./service/service.js"),
};

const part = (id) => document.getElementById(id);

/**
 * @param createFlight makes the view that needs nothing fetched
 * @param fetchKnown promises { airlines, destinations, model }
 */
export function createViews(createFlight, fetchKnown) {
  const views = {};
  const links = [...part("views").querySelectorAll("[data-view]")];
  let current = "";

  function asked() {
    const { view } = readAddress();
    return Object.hasOwn(VIEWS, view ?? "") ? view : "flight";
  }

  async function show() {
    const name = asked();
    for (const link of links) {
      if (link.dataset.view === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    current = name;
    reveal(name);
    try {
      views[name] ??= name === "flight" ? Promise.resolve(createFlight()) : load(name, fetchKnown);
      const view = await views[name];
      if (current !== name) return;
      reveal(name);
      view.show(readAddress());
      document.title = view.title();
    } catch (error) {
      forget(name);
      if (current === name) fail(error);
    }
  }

  function reveal(name) {
    part("view-failure").hidden = true;
    for (const section of document.querySelectorAll("main > .view")) section.hidden = section.id !== `view-${name}`;
  }

  /** What could not be had is asked for again the next time. */
  function forget(name) {
    delete views[name];
    if (name !== "flight") part(`view-${name}`)?.remove();
  }

  function fail(error) {
    part("view-failure").hidden = false;
    part("view-failure").textContent = text("view.failure", { detail: error.message });
  }

  function go(event) {
    const link = event.target.closest("a[data-view]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    leave();
    history.pushState(null, "", link.href);
    scrollTo(0, 0);
    show();
  }

  /** A link back to a view leads to where one was. */
  function leave() {
    const link = links.find((one) => one.dataset.view === current);
    if (link) link.href = location.search || location.pathname;
  }

  document.addEventListener("click", go);
  addEventListener("popstate", show);
  for (const link of links) link.href = addressOf(link.dataset.view);
  return { show, shows: (name) => current === name };
}

async function load(name, fetchKnown) {
  const root = document.createElement("section");
  root.id = `view-${name}`;
  root.className = `view ${name}`;
  root.setAttribute("aria-busy", "true");
  root.textContent = text("view.loading");
  part("main").append(root);
  const needed = [fragment(name), VIEWS[name](), fetchKnown(), styled(name)];
  const [html, { create }, known] = await Promise.all(needed);
  root.innerHTML = html;
  fillTexts(root);
  root.setAttribute("aria-busy", "false");
  return create(root, known);
}

async function fragment(name) {
  const response = await fetch(`${name}/${name}.html`);
  if (!response.ok) throw new Error(`${name}.html: ${response.status}`);
  return response.text();
}

function styled(name) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = `${name}/${name}.css`;
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => reject(new Error(`${name}.css`)));
    document.head.append(link);
  });
}
