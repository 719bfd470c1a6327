// What has just changed: the last of it to see, and now and then a few words to hear.

import { byId, element, item, span } from "../elements.js";
import { text } from "../messages.js";
import { kindOf, summarize, worst } from "./words.js";

/** Changes that are listed. */
const LISTED = 4;
/** A reader who listens is told at most so often, of everything since the last time. */
const SECONDS = 20;
const BAD = ["cancelled", "riskier"];

export function createNews() {
  let unsaid = [];
  let timer = 0;

  /** Say what has not been said, and nothing more for a while. */
  function say(day) {
    byId("live-changes").textContent = summarize(unsaid, day.asOf());
    unsaid = [];
    timer = setTimeout(() => {
      timer = 0;
      if (unsaid.length) say(day);
    }, SECONDS * 1000);
  }

  return {
    clear() {
      clearTimeout(timer);
      timer = 0;
      unsaid = [];
      byId("live-changes").textContent = "";
      byId("live-news").replaceChildren(item(text("live.no_news")));
    },

    /** @param changes notable ones of a day */
    add(changes, day) {
      const told = worst(changes, LISTED);
      if (!told.length) return;
      const kept = [...byId("live-news").querySelectorAll("[data-kind]")].slice(0, LISTED - told.length);
      byId("live-news").replaceChildren(...told.map((change) => describe(change, day)), ...kept);
      unsaid.push(...changes);
      if (!timer) say(day);
    },
  };
}

function describe(change, day) {
  const { row } = change;
  const kind = kindOf(change);
  const airline = day.choiceOf("airline", row.airline).tile;
  const flight = text("live.news_flight", {
    flight: [airline, row.number].filter(Boolean).join(" "),
    destination: day.choiceOf("destination", row.destination).title,
    time: row.time,
  });
  const line = item(element("strong", {}, text(`live.news_${kind}`)), " ", span("news-flight", flight));
  line.dataset.kind = kind;
  line.classList.toggle("bad", row.isLate || BAD.includes(kind));
  return line;
}
