// The service: what it tells of itself, looked at again and again while it is seen, and its last load test.

import { writeAddress } from "../address.js";
import { fetchMetrics, Problem, TooSlow, Unreachable } from "../api.js";
import { text } from "../messages.js";
import { MINUTES, showBoard, showCounts, showFacts } from "./board.js";
import { COUNTED, readService } from "./readings.js";
import { createLoadTest } from "./loadtest.js";

const SECONDS = 2;
/** The first two looks are needed to tell anything. */
const FIRST_PAUSE_MS = 400;

const part = (id) => document.getElementById(id);

/** @param root where service.html stands */
export function create(root) {
  const loadTest = createLoadTest();
  let readings = [];
  let looking = false;
  let counted = "predictions";

  const seen = () => !root.hidden && document.visibilityState === "visible";

  async function look() {
    if (looking) return;
    looking = true;
    while (seen()) {
      await once();
      await pause(readings.length === 1 ? FIRST_PAUSE_MS : SECONDS * 1000);
    }
    looking = false;
  }

  async function once() {
    try {
      take(readService(await fetchMetrics(), performance.now()));
      stand("answers", text("service.answers"));
    } catch (error) {
      stand("fails", failure(error), text("service.remedy", { seconds: SECONDS }));
    }
  }

  function take(reading) {
    if (readings.at(-1)?.began !== reading.began) readings = [];
    readings = [...readings.filter(({ at }) => at > reading.at - MINUTES * 60_000), reading];
    showFacts(reading);
    draw();
    loadTest.show(reading.tested);
  }

  function draw() {
    if (!readings.length) return;
    showBoard(readings, COUNTED[counted]);
    showCounts(readings, COUNTED[counted]);
  }

  function stand(state, said, remedy = "") {
    part("service-board").dataset.state = state;
    // What is the same is not said again.
    if (part("service-state").textContent !== said) part("service-state").textContent = said;
    part("service-remedy").textContent = remedy;
  }

  part("service-count").addEventListener("change", ({ target }) => {
    counted = target.value;
    writeAddress("service", { count: counted === "predictions" ? "" : counted });
    draw();
  });
  document.addEventListener("visibilitychange", look);
  stand("waits", text("service.waits"));

  return {
    show({ count }) {
      counted = Object.hasOwn(COUNTED, count ?? "") ? count : "predictions";
      part("service-count").value = counted;
      draw();
      look();
    },
    title: () => text("page.view_title", { view: text("view.service") }),
  };
}

function failure(error) {
  if (error instanceof Unreachable) return text("failure.unreachable");
  if (error instanceof TooSlow) return text("failure.slow");
  if (error instanceof Problem && error.status === 503) return text("failure.busy");
  return text("failure.broken");
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
