// Moments and stretches of time as people say them.

import { twoDigits } from "./dates.js";
import { day as longDay, number, plural, text } from "./messages.js";

const HOUR = 60;
const DAY = 24 * HOUR;
/** Shorter ones are said in minutes. */
const LONG = 100;

/** Minutes, none negative, as "45 min", "2 h 10 min" or "3 d 4 h". */
export function formatDuration(minutes) {
  const whole = Math.round(minutes);
  if (whole < LONG) return text("time.minutes", { minutes: number(whole) });
  const [days, hours] = [Math.floor(whole / DAY), Math.floor((whole % DAY) / HOUR)];
  const parts = days
    ? [text("time.days", { days: number(days) }), hours ? text("time.hours", { hours }) : ""]
    : [text("time.hours", { hours }), whole % HOUR ? text("time.minutes", { minutes: whole % HOUR }) : ""];
  return parts.filter(Boolean).join(" ");
}

/**
 * A moment that ends a sentence, as "at 14:05": with its day, if that is another one.
 *
 * @param moment { day, time } of a clock on the wall
 * @param key of the text that says the time; its forms are those for an hour
 */
export function describeMoment({ day, time }, expectedDay, key = "time.at") {
  const at = plural(key, Number(time.slice(0, 2)), { time });
  return day === expectedDay ? at : text("time.at_day", { moment: at, day: longDay(day) });
}

/** A delay as a board shows it: with its sign, in hours too if it is long. */
export function formatDelay(minutes) {
  if (minutes === null) return "";
  const sign = minutes > 0 ? "+" : minutes < 0 ? "−" : "";
  const size = Math.abs(minutes);
  if (size < LONG) return text("live.delay", { minutes: sign + size });
  return text("live.long_delay", { hours: sign + Math.floor(size / HOUR), minutes: twoDigits(size % HOUR) });
}
