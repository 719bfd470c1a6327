// The page's texts and how its language writes numbers and dates.

const LANGUAGES = ["en", "es"];

/** The texts' language. */
export let language = LANGUAGES[0];
let texts = {};
/** The reader's own variant of the texts' language: how numbers and dates are written. */
let locale = LANGUAGES[0];
// Made once: they are asked for every airport and every comparison.
let collator;
let regions;
let rules;
const forms = new Map();

/**
 * Fetch the texts of a language; throws where they cannot be had.
 *
 * @param wanted if it is none of ours, the reader's
 */
export async function loadMessages(wanted) {
  const tags = LANGUAGES.includes(wanted) ? [...navigator.languages, wanted] : navigator.languages;
  const fits = (tag) => (LANGUAGES.includes(wanted) ? base(tag) === wanted : LANGUAGES.includes(base(tag)));
  locale = tags.find(fits) ?? LANGUAGES[0];
  language = base(locale);
  collator = new Intl.Collator(locale);
  regions = new Intl.DisplayNames(locale, { type: "region" });
  rules = new Intl.PluralRules(locale);
  const response = await fetch(`messages/${language}.json`);
  if (!response.ok) throw new Error(`messages: ${response.status}`);
  texts = await response.json();
  document.documentElement.lang = language;
}

/** The language that the page is not in. */
export function otherLanguage() {
  return LANGUAGES.find((one) => one !== language);
}

function base(tag) {
  return tag.split("-")[0];
}

/** The text of a key, its {names} replaced by values. */
export function text(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The text of a key in the form that the language uses for a count. */
export function plural(key, count, values = {}) {
  const form = `${key}.${rules.select(count)}`;
  return text(form in texts ? form : `${key}.other`, { count: number(count), ...values });
}

/** Give every element its text: data-message is its content, data-message-label its aria-label. */
export function fillTexts(root) {
  for (const element of root.querySelectorAll("[data-message]")) {
    element.textContent = text(element.dataset.message);
  }
  for (const element of root.querySelectorAll("[data-message-label]")) {
    element.setAttribute("aria-label", text(element.dataset.messageLabel));
  }
}

export function number(value, decimals = 0) {
  return formOf("decimal", decimals).format(value);
}

export function percent(value, decimals = 0) {
  return formOf("percent", decimals).format(value);
}

function formOf(style, decimals) {
  const name = `${style} ${decimals}`;
  if (!forms.has(name)) {
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    forms.set(name, new Intl.NumberFormat(locale, { style, ...digits }));
  }
  return forms.get(name);
}

export function month(number) {
  return monthOf(`2000-${String(number).padStart(2, "0")}`, {});
}

/** A day of the week, from Monday, which is 1. */
export function weekday(number) {
  const form = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  return form.format(new Date(Date.UTC(2024, 0, number))); // the first of that month was a Monday
}

/** A month given as 2013-11, written out. */
export function monthOf(iso, style = { year: "numeric" }) {
  const form = new Intl.DateTimeFormat(locale, { month: "long", timeZone: "UTC", ...style });
  return form.format(new Date(`${iso}-01T00:00Z`));
}

/** A day given as 2013-11-05, written out. */
export function day(iso) {
  const style = { dateStyle: "long", timeZone: "UTC" };
  return new Intl.DateTimeFormat(locale, style).format(new Date(`${iso}T00:00Z`));
}

/** The same without the year. */
export function dayOfAnyYear(iso) {
  const style = { day: "numeric", month: "long", timeZone: "UTC" };
  return new Intl.DateTimeFormat(locale, style).format(new Date(`${iso}T00:00Z`));
}

/** The same in short: its weekday, and no year. */
export function weekdayAndDay(iso) {
  const style = { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" };
  return new Intl.DateTimeFormat(locale, style).format(new Date(`${iso}T00:00Z`));
}

/** Of a day given as 2013-11-05, the weekday alone, as short as it can be told. */
export function weekdayOf(iso) {
  return new Intl.DateTimeFormat(locale, { weekday: "narrow", timeZone: "UTC" }).format(new Date(`${iso}T00:00Z`));
}

/** A moment, given in seconds since 1970, as a date and a time of the reader's own clock. */
export function moment(seconds) {
  const style = { dateStyle: "medium", timeStyle: "medium" };
  return new Intl.DateTimeFormat(locale, style).format(new Date(seconds * 1000));
}

/** The same in short, without weekday and year. */
export function shortDay(iso) {
  const style = { day: "numeric", month: "short", timeZone: "UTC" };
  return new Intl.DateTimeFormat(locale, style).format(new Date(`${iso}T00:00Z`));
}

export function list(items) {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(items);
}

export function alternatives(items) {
  return new Intl.ListFormat(locale, { type: "disjunction" }).format(items);
}

export function compare(a, b) {
  return collator.compare(a, b);
}

export function country(code) {
  return regions.of(code);
}
