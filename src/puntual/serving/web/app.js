// Starts the page: texts first, then the view that the address names.

import { encodeQuery, readAddress } from "./address.js";
import { cached, fetchCatalogue } from "./api.js";
import { byId } from "./elements.js";
import { createFlight } from "./flight.js";
import { fillTexts, loadMessages, otherLanguage } from "./messages.js";
import { askPatiently } from "./patience.js";
import { createViews } from "./views.js";

async function start() {
  const catalogue = cached(() => askPatiently(fetchCatalogue, new AbortController().signal, () => {}));
  catalogue().catch(() => {}); // the views show the failure, once there are texts to show it with
  try {
    await loadMessages(readAddress().lang);
  } catch {
    byId("boot-failure").hidden = false;
    return;
  }
  fillTexts(document);
  byId("boot").remove();
  byId("page").hidden = false;
  offerLanguage();
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("main").focus();
  });
  const views = createViews(() => createFlight(catalogue, () => views.shows("flight")), catalogue);
  views.show();
}

/** The same view in the other language. */
function offerLanguage() {
  const link = byId("other-language");
  link.lang = otherLanguage();
  const { lang } = readAddress();
  if (lang) byId("api-description").href = `docs?${encodeQuery({ lang })}`;
  link.addEventListener("click", () => {
    link.href = `?${encodeQuery({ ...readAddress(), lang: otherLanguage() })}`;
  });
}

start();
