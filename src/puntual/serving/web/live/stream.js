// The server-sent events of a day: it connects again by itself, and says when it is not connected.

import { encodeQuery } from "../address.js";
import { keyWords } from "../api.js";
import { fetchWithKey } from "../key.js";

/** How long it waits before it connects again, in seconds; each time longer. */
const PAUSES = [1, 2, 5, 10];
/** The service says something at least so often, in seconds, be it only that it is alive. */
const HEARTBEAT = 15;
/** A connection on which so much of that was missed may be dead. */
const MAX_MISSED = 3;

/**
 * @param board called with the whole board, first and after each interruption
 * @param changes called with what has changed
 * @param lost called when the connection is lost
 * @returns { close }
 */
export function openStream(origin, date, { board, changes, lost }) {
  const address = `v1/board/stream?${encodeQuery(Object.entries({ origin, date }))}`;
  let source = null;
  const hears = { board, changes };
  let failures = 0;
  let timer = 0;

  function open() {
    close();
    const own = (source = new AbortController());
    readEvents(address, own.signal, (name, data) => {
      if (source !== own) return;
      failures = 0;
      awaitHeartbeat();
      hears[name]?.(JSON.parse(data));
    }).catch(() => source === own && fail());
    awaitHeartbeat();
  }

  function awaitHeartbeat() {
    clearTimeout(timer);
    timer = setTimeout(open, MAX_MISSED * HEARTBEAT * 1000);
  }

  function fail() {
    close();
    lost();
    timer = setTimeout(open, 1000 * PAUSES[Math.min(failures, PAUSES.length - 1)]);
    failures += 1;
  }

  function close() {
    clearTimeout(timer);
    source?.abort();
    source = null;
  }

  addEventListener("offline", fail);
  addEventListener("online", open);
  open();
  return {
    close() {
      removeEventListener("offline", fail);
      removeEventListener("online", open);
      close();
    },
  };
}

/** Hear each event of a response until it ends, which is a failure: an EventSource could send no key. */
async function readEvents(address, signal, hear) {
  const response = await fetchWithKey(keyWords, address, () => ({ signal, cache: "no-store" }));
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`${address}: it ended`);
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const fields = Object.fromEntries(event.split("\n").map((line) => [line.split(":", 1)[0], line.slice(line.indexOf(": ") + 2)]));
      if (fields.event) hear(fields.event, fields.data);
    }
  }
}
