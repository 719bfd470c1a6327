// Airlines and airports to choose from: how each is shown, and found from what is typed.

import { compare, country, language } from "./messages.js";

const WORDS = /[\p{L}\p{N}]+/gu;

/** An airline's name, or the city that an airport serves, in the reader's language. */
export function nameOf(entry) {
  return (language === "es" && entry.city_es) || entry.city || entry.name || entry.code;
}

/** The name with the code that people know. */
export function nameAndCode(entry) {
  return `${nameOf(entry)} (${entry.iata ?? entry.code})`;
}

/** The country that goes without saying. */
export function homeOf(model) {
  return model.origins[0]?.country;
}

/**
 * An entry of /v1/airlines, /v1/destinations or /v1/model's origins, ready to be shown and found.
 *
 * @param home the country that goes without saying
 */
export function toChoice(entry, home) {
  const title = nameOf(entry);
  const place = entry.country && entry.city ? country(entry.country) : "";
  const abroad = entry.country === home ? "" : place;
  const detail = [entry.name === title ? "" : entry.name, abroad].filter(Boolean).join(", ");
  const codes = [entry.code, entry.iata, entry.icao].filter(Boolean);
  const cities = [entry.city, entry.city_es].filter((city) => city !== title).join(" ");
  const searchText = foldCase(`${title} ${cities} ${entry.name ?? ""} ${place}`);
  return { code: entry.code, tile: entry.iata ?? entry.code, title, detail, codes, searchText, known: true };
}

/** A code that the model does not know. */
export function unknownChoice(code, detail = "") {
  return { code, tile: code, title: code, detail, codes: [code], searchText: "", known: false };
}

/** In the order of their names. */
export function sortChoices(choices) {
  return choices.toSorted((a, b) => compare(a.title, b.title) || compare(a.tile, b.tile));
}

/** The one with this code, IATA or ICAO, in whatever case. */
export function findByCode(choices, code) {
  const wanted = code.trim().toUpperCase();
  return choices.find((choice) => choice.codes.includes(wanted));
}

/** Those that match what is typed: by code first, then by the beginnings of names, then by parts of them. */
export function search(choices, typed) {
  const wanted = foldCase(typed.trim());
  if (!wanted) return choices;
  const ranked = Object.groupBy(choices, (choice) => matchRank(choice, wanted));
  return [0, 1, 2, 3, 4].flatMap((rank) => ranked[rank] ?? []);
}

/** The only one whose code or name begins like what is typed. */
export function findByPrefix(choices, typed) {
  const wanted = foldCase(typed.trim());
  const matches = choices.filter((choice) => matchRank(choice, wanted) < 4);
  return matches.length === 1 ? matches[0] : undefined;
}

function matchRank({ codes, searchText }, wanted) {
  const folded = codes.map(foldCase);
  if (folded.includes(wanted)) return 0;
  if (folded.some((code) => code.startsWith(wanted))) return 1;
  if (searchText.startsWith(wanted)) return 2;
  const words = searchText.match(WORDS) ?? [];
  const beginsWord = (part) => words.some((word) => word.startsWith(part));
  if ((wanted.match(WORDS) ?? [wanted]).every(beginsWord)) return 3;
  return searchText.includes(wanted) ? 4 : 5;
}

/** Lower case without accents. */
export function foldCase(value) {
  return value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
