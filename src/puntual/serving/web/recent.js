// The last questions, kept in this browser and nowhere else.

import { addressOf } from "./address.js";
import { byId, element, item, replaceItems } from "./elements.js";
import { shortDay, text } from "./messages.js";
import { toAddress } from "./question.js";

const KEY = "puntual.recent";
const MAX_KEPT = 6;

/** @param labelOf gives a question's airline and airports by name */
export function createRecent(labelOf) {
  byId("forget").addEventListener("click", () => {
    localStorage.removeItem(KEY);
    render();
  });

  function render() {
    const kept = read();
    byId("recent").hidden = !kept.length;
    replaceItems(byId("recent-questions"), kept.map((question) => {
      const values = { ...labelOf(question), day: shortDay(question.date), time: question.time };
      return item(element("a", { href: addressOf("flight", toAddress(question)) }, text("recent.question", values)));
    }));
  }

  return {
    render,
    /** Put a question first; of one flight, only the last is kept. */
    add(question) {
      const flightOf = ({ date, time, number, ...codes }) => Object.values(codes).join();
      const others = read().filter((one) => flightOf(one) !== flightOf(question));
      try {
        localStorage.setItem(KEY, JSON.stringify([question, ...others].slice(0, MAX_KEPT)));
      } catch {
        return; // a browser that keeps nothing
      }
      render();
    },
  };
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(({ destination, airline, date, time }) => destination && airline && date && time) : [];
  } catch {
    return [];
  }
}
