// Reads and writes files beside the page, so that it stays in motion; the cells of a file never leave here.

import { Refused, decode } from "./delimited.js";
import { readSchedule } from "./schedule.js";
import { writeAnswers } from "./written.js";

let schedule = null;

const ACTS = {
  async read({ file, text, known }) {
    schedule = null;
    const content = text ?? decode(new Uint8Array(await file.arrayBuffer()));
    schedule = readSchedule(content, known);
    const { source, rows, flights, problems, duplicates } = schedule;
    return { source, rows: rows.length, flights, problems, duplicates: duplicates.size };
  },
  write({ predictions }) {
    return writeAnswers(schedule, predictions);
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
