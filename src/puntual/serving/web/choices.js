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

/** Those with the most flights first, as `flightsOf` counts them, then in the order of their names. */
export function rankByFlights(choices, flightsOf) {
  return sortChoices(choices).sort((a, b) => flightsOf(b) - flightsOf(a));
}

/** The one with this code, IATA or ICAO, in whatever case. */
export function findByCode(choices, code) {
  const wanted = code.trim().toUpperCase();
  return choices.find((choice) => choice.codes.includes(wanted));
}

/**
 * Those that match what is typed: by code first, then by the beginnings of names, then by parts of them, each in the order in
 * which they are given; if there are none, those that match but for a slip of the fingers.
 */
export function search(choices, typed) {
  const wanted = foldCase(typed.trim());
  if (!wanted) return choices;
  const ranked = Object.groupBy(choices, (choice) => matchRank(choice, wanted));
  const found = [0, 1, 2, 3, 4].flatMap((rank) => ranked[rank] ?? []);
  return found.length ? found : choices.filter((choice) => isMistyped(choice, wanted));
}

/** The only one that is called what is typed, or whose code or name begins like it. */
export function findByPrefix(choices, typed) {
  const wanted = foldCase(typed.trim());
  const only = (found) => (found.length === 1 ? found[0] : undefined);
  const called = choices.filter(({ title }) => foldCase(title) === wanted);
  return only(called) ?? only(choices.filter((choice) => matchRank(choice, wanted) < 4));
}

/** Whether every word of some length begins a word of the name, but for one wrong letter, or two in a long one. */
function isMistyped({ searchText }, wanted) {
  const words = searchText.match(WORDS) ?? [];
  const typed = wanted.match(WORDS) ?? [];
  const fits = (part) => {
    const allowed = part.length < 4 ? 0 : part.length < 8 ? 1 : 2;
    return words.some((word) => distance(part, word) <= allowed);
  };
  return typed.length > 0 && typed.every(fits);
}

/**
 * The least number of letters to add, drop, replace, or swap with the next one that makes `typed` the beginning of `word`.
 * Optimal string alignment: Boytsov (2011), Indexing methods for approximate dictionary searching, ACM JEA 16.
 */
function distance(typed, word) {
  let [before, last] = [[], Array.from({ length: word.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= typed.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= word.length; j += 1) {
      const same = typed[i - 1] === word[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + !same);
      const swapped = i > 1 && j > 1 && typed[i - 1] === word[j - 2] && typed[i - 2] === word[j - 1];
      if (swapped) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return Math.min(...last);
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
