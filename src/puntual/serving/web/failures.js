// What went wrong between the page and the server, in the reader's words.

import { Problem, TimedOut, Unreachable } from "./api.js";
import { text } from "./messages.js";

/**
 * A failed request: { title, remedy, retryable }.
 *
 * @param remedies { unreachable, slow, busy }: what the reader can do in this view
 */
export function describeFailure(error, { unreachable, slow, busy } = {}) {
  const failure = (title, remedy) => ({ title, remedy, retryable: true });
  if (error instanceof Unreachable) return failure(text("failure.unreachable"), unreachable);
  if (error instanceof TimedOut) return failure(text("failure.slow"), slow);
  if (error instanceof Problem && error.status === 503) return failure(text("failure.busy"), busy);
  return failure(text("failure.broken"), text("failure.broken_remedy", { detail: error.message }));
}
