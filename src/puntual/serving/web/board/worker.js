// Reads and writes files in a thread of its own, so that the page stays responsive; the cells of a file never leave here.

import { Refused, decode } from "./csv.js";
import { exportCsv } from "./export.js";
import { readSchedule } from "./schedule.js";

/** By number, since the one that is shown stays until the next one is predicted. */
const schedules = new Map();
let count = 0;

const TASKS = {
  async read({ file, text, formats, given }) {
    const content = text ?? decode(new Uint8Array(await file.arrayBuffer()));
    const schedule = readSchedule(content, formats, given);
    schedules.set((count += 1), schedule);
    const { rows, names, columns, flights, problems, duplicates, arrivals } = schedule;
    return { schedule: count, rows: rows.length, names, columns, flights, problems, duplicates: duplicates.size, arrivals };
  },
  keep({ schedule }) {
    for (const other of schedules.keys()) if (other !== schedule) schedules.delete(other);
  },
  write({ schedule, predictions, kept }) {
    return exportCsv(schedules.get(schedule), predictions, kept);
  },
};

addEventListener("message", async ({ data: { task, id, ...values } }) => {
  try {
    postMessage({ id, result: await TASKS[task](values) });
  } catch (error) {
    const { kind = "unreadable", values: about = { detail: error.message } } = error instanceof Refused ? error : {};
    postMessage({ id, refused: { kind, values: about } });
  }
});
