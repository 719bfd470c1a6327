// Sends files to the worker that reads and writes them.

import { Unreachable } from "../api.js";
import { Refused } from "./csv.js";

export function createReader() {
  const waiting = new Map();
  let worker = null;
  let count = 0;

  function start() {
    worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data: { id, result, refused } }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (refused) reject(new Refused(refused.kind, refused.values));
      else resolve(result);
    });
    worker.addEventListener("error", () => {
      worker = null; // its scripts could not be fetched; the next task tries again
      for (const { reject } of waiting.values()) reject(new Unreachable());
      waiting.clear();
    });
  }

  function send(task, values) {
    if (!worker) start();
    const { promise, resolve, reject } = Promise.withResolvers();
    waiting.set((count += 1), { resolve, reject });
    worker.postMessage({ task, id: count, ...values });
    return promise;
  }

  return {
    /** The flights and problems of a file, or of a text; `given` as readSchedule takes it. */
    read: (content, formats, given) => send("read", { ...content, formats, given }),
    /** Forget all schedules but one. */
    keep: (schedule) => send("keep", { schedule }).catch(() => {}),
    /** A schedule's file with its answers, as a Blob; `kept` has the rows of the flights that are wanted. */
    write: (schedule, predictions, kept) => send("write", { schedule, predictions, kept }),
  };
}
