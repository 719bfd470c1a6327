// The server-sent events of a day: it connects again by itself, and says when it is not connected.

import { encodeQuery } from "../address.js";

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
  let failures = 0;
  let timer = 0;

  function open() {
    close();
    source = new EventSource(address);
    source.addEventListener("board", hear(board));
    source.addEventListener("changes", hear(changes));
    source.addEventListener("alive", hear(() => {}));
    source.addEventListener("error", fail);
    awaitHeartbeat();
  }

  const hear = (tell) => (event) => {
    failures = 0;
    awaitHeartbeat();
    tell(JSON.parse(event.data));
  };

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
    source?.close();
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
