// Days and times as ISO 8601 writes them.

export const MINUTE_MS = 60_000;
export const DAY_MS = 1440 * MINUTE_MS;

/** Of an instant: at its end, an offset to UTC. */
const OFFSET = /(Z|[+-]\d\d:?\d\d)$/i;
/** By time zone; they are dear to make. */
const formats = new Map();

export const twoDigits = (value) => String(value).padStart(2, "0");

/** An hour as it stands in a timetable. */
export const clock = (hour) => `${twoDigits(hour)}:00`;

/** The day of a moment in milliseconds since 1970, as 2017-07-14. */
export const isoDay = (at) => new Date(at).toISOString().slice(0, 10);

/**
 * What a clock on the wall shows: { day, time }, as 2017-07-14 and 18:35.
 *
 * @param iso an instant, or a time without an offset, which is of that clock already
 * @param zone the clock's IANA time zone; undefined: UTC
 */
export function wallClock(iso, zone = "UTC") {
  if (!OFFSET.test(iso)) return { day: iso.slice(0, 10), time: iso.slice(11, 16) };
  if (!formats.has(zone)) {
    formats.set(zone, new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: zone }));
  }
  const [day, time] = formats.get(zone).format(new Date(iso)).split(" ");
  return { day, time };
}
