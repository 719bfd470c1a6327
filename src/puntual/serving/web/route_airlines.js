// The same departure with each airline that flies the route.

import { addressOf } from "./address.js";
import { predictAll } from "./api.js";
import { byId, element, graphic, item, replaceItems, span } from "./elements.js";
import { percent, plural, text } from "./messages.js";
import { formatProbability } from "./probability.js";
import { toAddress, toFlight } from "./question.js";

const MAX_AIRLINES = 8;

/** Nothing to compare while another flight is predicted. */
export function hideRouteAirlines() {
  byId("route-airlines").hidden = true;
}

/**
 * @param question as the form has it; its flight was predicted
 * @param onRoute of the question (`createRoutes`)
 * @param nameOf gives an airline's name by code
 */
export async function showRouteAirlines(question, onRoute, nameOf, signal) {
  const flown = onRoute.slice(0, MAX_AIRLINES);
  if (!flown.some(({ airline }) => airline !== question.airline)) return hideRouteAirlines();
  const questions = flown.map(({ airline }) => ({ ...question, airline, number: "" }));
  const predictions = await predictAll(questions.map(toFlight), signal);
  const found = flown.map((route, index) => {
    return { ...route, question: questions[index], probability: predictions[index].delay_probability };
  });
  found.sort((a, b) => a.probability - b.probability);
  replaceItems(byId("route-airlines-list"), found.map((one) => render(one, one.airline === question.airline, nameOf)));
  byId("route-airlines").hidden = false;
}

function render({ airline, flights, delayed, question, probability }, isCurrent, nameOf) {
  const link = element("a", { href: addressOf("flight", toAddress(question)) }, nameOf(airline));
  if (isCurrent) link.ariaCurrent = "true";
  const history = text("route_airlines.history", {
    flights: plural("list.flights", flights),
    percent: percent(delayed / flights),
  });
  const bar = graphic("bar", { "--to": `${probability * 100}%` });
  const line = item(span("over", link, " ", element("small", {}, history)), " ", bar, span("share", formatProbability(probability)));
  line.classList.toggle("decides", isCurrent);
  return line;
}
