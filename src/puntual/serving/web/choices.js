// Airlines and airports as things to choose from: how each is shown, and found from what is typed.

import { compare, country, language } from "./messages.js";

const WORDS = /[\p{L}\p{N}]+/gu;

/** The city that an airport serves, as the reader says it; an airline's name. */
export function nameOf(entry) {
  return (language === "es" && entry.city_es) || entry.city || entry.name || entry.code;
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
  const sought = plain(`${title} ${cities} ${entry.name ?? ""} ${place}`);
  return { code: entry.code, tile: entry.iata ?? entry.code, title, detail, codes, sought, known: true };
}

/** A code that the model does not know. */
export function strange(code, detail) {
  return { code, tile: code, title: code, detail, codes: [code], sought: "", known: false };
}

/** In the order of their names. */
export function sorted(choices) {
  return choices.toSorted((a, b) => compare(a.title, b.title) || compare(a.tile, b.tile));
}

/** The one with this code, IATA or ICAO, in whatever case. */
export function byCode(choices, code) {
  const wanted = code.trim().toUpperCase();
  return choices.find((choice) => choice.codes.includes(wanted));
}

/** Those that fit what is typed: by code first, then by beginnings of names, then by parts of them. */
export function matching(choices, typed) {
  const wanted = plain(typed.trim());
  if (!wanted) return choices;
  const fits = (rank) => (choice) => rank === nearness(choice, wanted);
  return [0, 1, 2, 3, 4].flatMap((rank) => choices.filter(fits(rank)));
}

/** The only one whose code or name begins like what is typed. */
export function meant(choices, typed) {
  const wanted = plain(typed.trim());
  const near = choices.filter((choice) => (nearness(choice, wanted) ?? 4) < 4);
  return near.length === 1 ? near[0] : undefined;
}

function nearness(choice, wanted) {
  const codes = choice.codes.map(plain);
  if (codes.includes(wanted)) return 0;
  if (codes.some((code) => code.startsWith(wanted))) return 1;
  if (choice.sought.startsWith(wanted)) return 2;
  const words = choice.sought.match(WORDS) ?? [];
  const begun = (part) => words.some((word) => word.startsWith(part));
  if ((wanted.match(WORDS) ?? [wanted]).every(begun)) return 3;
  return choice.sought.includes(wanted) ? 4 : null;
}

function plain(value) {
  return value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
