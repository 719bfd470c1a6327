// Asks the worker that reads and writes files.

import { Unreachable } from "../api.js";
import { Refused } from "./csv.js";

export function createReader() {
  const waiting = new Map();
  let worker = null;
  let asked = 0;

  function start() {
    worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data: { id, result, refused } }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (refused) reject(new Refused(refused.kind, refused.values));
      else resolve(result);
    });
    worker.addEventListener("error", () => {
      worker = null; // its scripts could not be had; they are asked for again the next time
      for (const { reject } of waiting.values()) reject(new Unreachable());
      waiting.clear();
    });
  }

  function ask(act, values) {
    if (!worker) start();
    return new Promise((resolve, reject) => {
      waiting.set((asked += 1), { resolve, reject });
      worker.postMessage({ act, id: asked, ...values });
    });
  }

  return {
    /** The flights and problems of a file, or of a text. */
    read: (content, known) => ask("read", { ...content, known }),
    /** Forget all schedules but one. */
    keep: (schedule) => ask("keep", { schedule }).catch(() => {}),
    /** A schedule's file with its answers, as a Blob. */
    write: (schedule, predictions) => ask("write", { schedule, predictions }),
  };
}
