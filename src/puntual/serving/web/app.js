// Starts the page: texts first, then the view that the address names.

import { readAddress } from "./address.js";
import { fetchKnown } from "./api.js";
import { createFlight } from "./flight.js";
import { fillTexts, loadMessages, otherLanguage } from "./messages.js";
import { createViews } from "./views.js";

async function start() {
  const known = remembered(fetchKnown);
  known().catch(() => {}); // the views tell it, once there are texts to tell it with
  try {
    await loadMessages(readAddress().lang);
  } catch {
    document.getElementById("boot-failure").hidden = false;
    return;
  }
  fillTexts(document);
  document.getElementById("boot").remove();
  document.getElementById("page").hidden = false;
  offerLanguage();
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  });
  const views = createViews(() => createFlight(known, () => views.shows("flight")), known);
  views.show();
}

/** Asked once, and again only where that failed. */
function remembered(fetch) {
  let promise;
  return () => (promise ??= fetch().catch((error) => ((promise = undefined), Promise.reject(error))));
}

/** The same view in the other language. */
function offerLanguage() {
  const link = document.getElementById("other-language");
  link.lang = otherLanguage();
  link.addEventListener("click", () => {
    const query = new URLSearchParams(location.search);
    query.set("lang", otherLanguage());
    link.href = `?${query.toString().replaceAll("%3A", ":")}`;
  });
}

start();
