// Starts the page: texts first, then the view that the address names.

import { encodeQuery, readAddress } from "./address.js";
import { cached, fetchCatalogue } from "./api.js";
import { byId, isPlainClick } from "./elements.js";
import { createFlight } from "./flight.js";
import { fillTexts, language, languageOf, loadMessages, otherLanguage } from "./messages.js";
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
  fillPage();
  byId("boot").remove();
  byId("page").hidden = false;
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("main").focus();
  });
  const views = createViews(() => createFlight(catalogue, () => views.shows("flight")), catalogue);
  byId("other-language").addEventListener("click", (event) => {
    event.target.href = addressIn(otherLanguage());
    if (!isPlainClick(event)) return;
    event.preventDefault();
    history.pushState(null, "", event.target.href);
    follow(views);
  });
  addEventListener("popstate", () => follow(views));
  views.show();
}

/** Show what the address says, in its language; what the reader has typed or opened stays. */
async function follow(views) {
  if (languageOf(readAddress().lang) === language) return views.show();
  try {
    await loadMessages(readAddress().lang);
  } catch {
    location.reload(); // says what is wrong
    return;
  }
  fillPage();
  await views.translate();
}

function fillPage() {
  fillTexts(document);
  const link = byId("other-language");
  link.lang = otherLanguage();
  link.href = addressIn(otherLanguage());
  const { lang } = readAddress();
  byId("api-description").href = lang ? `docs?${encodeQuery({ lang })}` : "docs";
}

/** The same view in a language. */
function addressIn(lang) {
  const { lang: _, ...values } = readAddress();
  return `?${encodeQuery({ lang, ...values })}`;
}

start();
