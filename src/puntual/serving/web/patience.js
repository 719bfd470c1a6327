// Waits its turn where the server has too much to do, which says after how many seconds to ask again.

import { Problem } from "./api.js";

const MAX_TRIES = 20;
const SECOND_MS = 1000;

/**
 * What a request gives, asked again for as long as the server says when.
 *
 * @param ask makes the request
 * @param waiting called every second with the seconds that are left, 0 at the end
 */
export async function askPatiently(ask, signal, waiting) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Problem) || !error.retryAfter || tries === MAX_TRIES) throw error;
      for (let left = error.retryAfter; left > 0; left -= 1) {
        waiting(left);
        await sleep(signal);
      }
      waiting(0);
    }
  }
}

/** A second, unless the reader wants something else meanwhile. */
function sleep(signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, SECOND_MS);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}
