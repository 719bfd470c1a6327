// The page's texts and how its language writes numbers and dates.

const LANGUAGES = ["en", "es"];
/** Spanish is written as in Chile; English as the reader's own variant has it. */
const SPANISH = "es-CL";
const PERCENT = { en: "%", es: "\u00a0%" };
const MINUS = "\u2212";

/** The texts' language. */
export let language = LANGUAGES[0];
let texts = {};
let finish;
/** Kept when the texts are there. */
export const whenLoaded = new Promise((resolve) => (finish = resolve));
/** How numbers and dates are written. */
let locale = LANGUAGES[0];
// Made once: they are used for every airport and every comparison.
let collator;
let regions;
let rules;
const numberFormats = new Map();

/**
 * Fetch the texts of a language; throws if they cannot be fetched.
 *
 * @param wanted if it is none of ours, the reader's
 * @param page what the names of a page's own texts begin with
 */
export async function loadMessages(wanted, page = "") {
  const found = languageOf(wanted);
  const response = await fetch(`messages/${page}${found}.json`);
  if (!response.ok) throw new Error(`messages: ${response.status}`);
  texts = await response.json();
  language = found;
  locale = language === "es" ? SPANISH : (navigator.languages.find((tag) => baseOf(tag) === language) ?? language);
  collator = new Intl.Collator(locale);
  regions = new Intl.DisplayNames(locale, { type: "region" });
  rules = new Intl.PluralRules(locale);
  numberFormats.clear();
  document.documentElement.lang = language;
  finish();
}

/** The language that is wanted, if it is one of ours; else the reader's. */
export function languageOf(wanted) {
  return [wanted, ...navigator.languages.map(baseOf)].find((one) => LANGUAGES.includes(one)) ?? LANGUAGES[0];
}

/** The language that the page is not in. */
export function otherLanguage() {
  return LANGUAGES.find((one) => one !== language);
}

function baseOf(tag) {
  return tag.split("-")[0];
}

/** The text of a key, its {names} replaced by values. */
export function text(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The text of a key if there is one. */
export const textOr = (key, fallback, values) => (key in texts ? text(key, values) : fallback);

/** The text of a key in the form that the language uses for a count. */
export function plural(key, count, values = {}) {
  const form = `${key}.${rules.select(count)}`;
  return text(form in texts ? form : `${key}.other`, { count: number(count), ...values });
}

/** Give every element its text: data-message is its content, data-message-label its aria-label, data-message-placeholder … */
export function fillTexts(root) {
  for (const element of root.querySelectorAll("[data-message]")) element.textContent = text(element.dataset.message);
  for (const element of root.querySelectorAll("[data-message-label]")) element.ariaLabel = text(element.dataset.messageLabel);
  for (const element of root.querySelectorAll("[data-message-placeholder]")) {
    element.placeholder = text(element.dataset.messagePlaceholder);
  }
}

export const number = (value, decimals = 0) => formatNumber("decimal", value, decimals);

export const percent = (value, decimals = 0) => formatNumber("percent", value, decimals);

function formatNumber(style, value, decimals) {
  const name = `${style} ${decimals}`;
  if (!numberFormats.has(name)) {
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    numberFormats.set(name, new Intl.NumberFormat(locale, { style, signDisplay: "negative", ...digits }));
  }
  return numberFormats.get(name).format(value).replace("-", MINUS).replace(/\s?%/, PERCENT[language]);
}

/** A day given as 2013-11-05, or a month as 2013-11. */
function formatDate(iso, style) {
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...style }).format(new Date(iso));
}

export const day = (iso) => formatDate(iso, { dateStyle: "long" });

/** A day with its weekday, written out. */
export const fullDay = (iso) => text("date.full", { weekday: formatDate(iso, { weekday: "long" }), day: day(iso) });

/** A day of any year. */
export const dayAndMonth = (iso) => formatDate(iso, { day: "numeric", month: "long" });

export const shortDay = (iso) => formatDate(iso, { day: "numeric", month: "short" });

export const weekdayAndDay = (iso) => formatDate(iso, { weekday: "short", day: "numeric", month: "short" });

/** The weekday of a day and its number in the month, which may stand in two lines. */
export const weekdayAndNumber = (iso) => `${formatDate(iso, { weekday: "short" })} ${Number(iso.slice(-2))}`;

/** A day of the week, from Monday, which is 1: the first of January 2024 was one. */
export const weekday = (number) => formatDate(`2024-01-0${number}`, { weekday: "long" });

export const shortWeekday = (number) => formatDate(`2024-01-0${number}`, { weekday: "short" });

export const monthAndYear = (iso) => formatDate(iso, { month: "long", year: "numeric" });

export const shortMonth = (iso) => formatDate(iso, { month: "short" });

/** A month by its number. */
export const month = (number) => formatDate(`2000-${String(number).padStart(2, "0")}`, { month: "long" });

/** A moment, given in seconds since 1970, as a date and a time of the reader's own clock. */
export function moment(seconds) {
  return formatDate(seconds * 1000, { dateStyle: "medium", timeStyle: "medium", timeZone: undefined });
}

export const listAnd = (items) => new Intl.ListFormat(locale, { type: "conjunction" }).format(items);

export const listOr = (items) => new Intl.ListFormat(locale, { type: "disjunction" }).format(items);

export const compare = (a, b) => collator.compare(a, b);

export const country = (code) => regions.of(code);
