// Days and times as ISO 8601 writes them.

export const MINUTE_MS = 60_000;
export const DAY_MS = 1440 * MINUTE_MS;

export const twoDigits = (value) => String(value).padStart(2, "0");

/** An hour as it stands in a timetable. */
export const clock = (hour) => `${twoDigits(hour)}:00`;

/** The day of a moment in milliseconds since 1970, as 2017-07-14. */
export const isoDay = (at) => new Date(at).toISOString().slice(0, 10);
