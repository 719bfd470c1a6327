// Whether what is shown is what is known now, and since when it is not.

import { byId } from "../elements.js";
import { text } from "../messages.js";
import { openStream } from "./stream.js";
import { describeMoment } from "../times.js";
import { describeAsOf } from "./words.js";

/**
 * The stream of the board that is shown, open while it is seen.
 *
 * @param panel where it is shown
 * @param board called with a whole board
 * @param changes called with changes
 */
export function createConnection(panel, { board, changes }) {
  let wanted = null; // { origin, date }
  let stream = null;
  let asOf = null;

  new ResizeObserver(follow).observe(panel); // another view, or the other board
  document.addEventListener("visibilitychange", follow);

  function follow() {
    const isSeen = wanted && panel.checkVisibility() && document.visibilityState === "visible";
    if (isSeen && !stream) {
      stream = openStream(wanted.origin, wanted.date, { board, changes, lost });
    } else if (!isSeen && stream) {
      stream.close();
      stream = null;
    }
  }

  function lost() {
    const remedy = asOf
      ? text("live.lost_remedy", { moment: describeMoment(asOf, wanted.date) })
      : text("live.unreached_remedy");
    setState("lost", text("live.lost"), remedy);
  }

  function setState(state, title, remedy = "") {
    if (panel.dataset.state === state && byId("live-notice-remedy").textContent === remedy) return;
    panel.dataset.state = state;
    panel.ariaBusy = String(state === "waiting");
    byId("live-state").textContent = remedy ? "" : title;
    byId("live-notice").hidden = !remedy;
    byId("live-notice-title").textContent = remedy ? title : "";
    byId("live-notice-remedy").textContent = remedy;
  }

  return {
    open(origin, date) {
      if (wanted?.origin !== origin || wanted.date !== date) {
        stream?.close();
        stream = asOf = null;
        wanted = { origin, date };
        byId("live-as-of").textContent = "";
        setState("waiting", text("live.connecting"));
      }
      follow();
    },

    close() {
      stream?.close();
      stream = wanted = null;
    },

    /** Say when what came was known, and whether the service holds it to be current. */
    settle({ current }, known, date) {
      asOf = known;
      const shown = describeAsOf(date, asOf);
      if (byId("live-as-of").textContent !== shown) byId("live-as-of").textContent = shown;
      if (current === false) setState("old", text("live.old"), describeOld(date, asOf));
      else if (current || panel.dataset.state !== "old") setState("live", text("live.live"));
    },
  };
}

function describeOld(date, asOf) {
  return asOf ? text("live.old_remedy", { moment: describeMoment(asOf, date) }) : text("live.unheard_remedy");
}
