// Reads and writes files beside the page, so that it stays in motion; the cells of a file never leave here.

import { Refused, decode } from "./csv.js";
import { readSchedule } from "./schedule.js";
import { writeAnswers } from "./export.js";

/** By number, since the one that is shown stays until the next one is answered. */
const schedules = new Map();
let read = 0;

const ACTS = {
  async read({ file, text, known }) {
    const content = text ?? decode(new Uint8Array(await file.arrayBuffer()));
    const schedule = readSchedule(content, known);
    schedules.set((read += 1), schedule);
    const { rows, flights, problems, duplicates } = schedule;
    return { schedule: read, rows: rows.length, flights, problems, duplicates: duplicates.size };
  },
  keep({ schedule }) {
    for (const other of schedules.keys()) if (other !== schedule) schedules.delete(other);
  },
  write({ schedule, predictions }) {
    return writeAnswers(schedules.get(schedule), predictions);
  },
};

addEventListener("message", async ({ data: { act, id, ...values } }) => {
  try {
    postMessage({ id, result: await ACTS[act](values) });
  } catch (error) {
    const { kind = "unreadable", values: told = { detail: error.message } } = error instanceof Refused ? error : {};
    postMessage({ id, refused: { kind, values: told } });
  }
});
