// How delays are composed: the figures of GET /v1/rates, /v1/crossings and /v1/days, each as a chart and as a table.

import { writeAddress } from "../address.js";
import { request } from "../api.js";
import { day, number, percent, text } from "../messages.js";
import { fetchCharts } from "./charts.js";
import { createCrossing } from "./interactions.js";
import { createDays } from "./days.js";
import { namesOf } from "./names.js";
import { createRates } from "./rates.js";

const part = (id) => document.getElementById(id);

/**
 * @param root where delays.html stands
 * @param known { model, airlines, destinations }
 */
export function create(root, known) {
  let wanted = {};
  let parts;
  let drawing = Promise.resolve();

  async function load() {
    root.setAttribute("aria-busy", "true");
    part("delays-failure").hidden = true;
    part("delays-lead").textContent = text("delays.loading");
    const asked = ["rates", "crossings", "days"].map((name) => request(`v1/${name}`));
    let answers;
    try {
      answers = await Promise.all([...asked, fetchCharts()]);
    } catch {
      part("delays-lead").textContent = "";
      part("delays-failure").hidden = false;
      root.setAttribute("aria-busy", "false");
      return;
    }
    fill(...answers);
    draw();
  }

  function fill(rates, { crossings }, { days }, charts) {
    lead(rates);
    part("no-charts").hidden = Boolean(charts);
    for (const place of root.querySelectorAll(".chart")) place.hidden = !charts;
    part("calendar").hidden = !charts;
    for (const details of root.querySelectorAll("details")) details.open = !charts;
    part("delays-content").hidden = false;
    const groups = createRates(rates, namesOf(known), charts, tell);
    parts = [groups, createCrossing(crossings, charts), createDays(days, charts)];
  }

  /** One after the other, so that what was asked last is what stands there. */
  function draw(which = parts) {
    root.setAttribute("aria-busy", "true");
    drawing = drawing.then(async () => {
      for (const one of which) await one.show(wanted);
    });
    const drawn = drawing;
    drawn.finally(() => drawn === drawing && root.setAttribute("aria-busy", "false"));
  }

  function tell(values) {
    wanted = values;
    writeAddress("delays", wanted);
    draw(parts.slice(0, 1));
  }

  part("delays-retry").addEventListener("click", load);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => parts && draw());
  load();
  return {
    show({ by = "", sort = "" }) {
      const asked = { by, sort };
      if (by === wanted.by && sort === wanted.sort) return;
      wanted = asked;
      if (parts) draw(parts.slice(0, 1));
    },
    title: () => text("page.view_title", { view: text("view.delays") }),
  };
}

function lead({ flights, first, last, base_rate: share, block_days: days, threshold_minutes: minutes }) {
  const values = { flights: number(flights), first: day(first), last: day(last), percent: percent(share, 1), minutes };
  part("delays-lead").textContent = text("delays.lead", values);
  part("counted-meaning").textContent = text("delays.counted_meaning", { minutes });
  part("interval-meaning").textContent = text("delays.interval_meaning", { percent: percent(share, 1), days });
}
