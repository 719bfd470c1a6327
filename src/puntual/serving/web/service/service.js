// The service: its own metrics, read again and again while the view is seen, and its last load test.

import { writeAddress } from "../address.js";
import { fetchMetrics } from "../api.js";
import { byId } from "../elements.js";
import { describeFailure } from "../failures.js";
import { text } from "../messages.js";
import { MINUTES, renderCounts, renderFacts, renderFigures } from "./figures.js";
import { createLoadTest } from "./loadtest.js";
import { COUNTED, readService } from "./readings.js";

const SECONDS = 2;
/** Figures need two readings. */
const FIRST_PAUSE_MS = 400;

/**
 * @param root where service.html stands
 * @param kept its readings before it was made anew
 */
export function create(root, _catalogue, kept = []) {
  const loadTest = createLoadTest();
  let readings = kept;
  let polling = false;
  let counted = "predictions";

  const isSeen = () => !root.hidden && document.visibilityState === "visible";

  async function poll() {
    if (polling) return;
    polling = true;
    while (isSeen()) {
      await read();
      await pause(readings.length === 1 ? FIRST_PAUSE_MS : SECONDS * 1000);
    }
    polling = false;
  }

  async function read() {
    try {
      add(readService(await fetchMetrics(), performance.now()));
      setState("answered", text("service.answers"));
    } catch (error) {
      setState("failed", describeFailure(error).title, text("service.remedy", { seconds: SECONDS }));
    }
  }

  function add(reading) {
    if (readings.at(-1)?.began !== reading.began) readings = [];
    readings = [...readings.filter(({ at }) => at > reading.at - MINUTES * 60_000), reading];
    renderFacts(reading);
    render();
    loadTest.show(reading.tested);
  }

  function render() {
    if (!readings.length) return;
    renderFigures(readings, COUNTED[counted]);
    renderCounts(readings, COUNTED[counted]);
  }

  function setState(state, title, remedy = "") {
    byId("service-board").dataset.state = state;
    // What is the same is not announced again.
    if (byId("service-state").textContent !== title) byId("service-state").textContent = title;
    byId("service-remedy").textContent = remedy;
  }

  byId("service-count").addEventListener("change", ({ target }) => {
    counted = target.value;
    writeAddress("service", { count: counted === "predictions" ? "" : counted });
    render();
  });
  document.addEventListener("visibilitychange", poll);
  setState("waiting", text("service.waits"));

  return {
    show({ count = "" }) {
      counted = Object.hasOwn(COUNTED, count) ? count : "predictions";
      byId("service-count").value = counted;
      render();
      poll();
    },
    keep: () => readings,
  };
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
