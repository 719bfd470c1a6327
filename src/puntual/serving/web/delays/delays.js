// How delays are composed: the figures of GET /v1/rates, /v1/crossings and /v1/days, each as a chart and as a table.

import { writeAddress } from "../address.js";
import { fetchRates, request } from "../api.js";
import { byId } from "../elements.js";
import { day, number, percent, text } from "../messages.js";
import { fetchCharts } from "./charts.js";
import { createDays } from "./days.js";
import { createInteractions } from "./interactions.js";
import { groupNames } from "./names.js";
import { createRates } from "./rates.js";

/**
 * @param root where delays.html stands
 * @param catalogue { model, airlines, destinations }
 */
export function create(root, catalogue) {
  let state = {};
  let sections;
  let drawing = Promise.resolve();

  async function load() {
    root.ariaBusy = "true";
    byId("delays-failure").hidden = true;
    byId("delays-lead").textContent = text("delays.loading");
    const requests = [fetchRates(), request("v1/crossings"), request("v1/days"), fetchCharts()];
    const answers = await Promise.all(requests).catch(() => null);
    if (!answers) {
      byId("delays-lead").textContent = "";
      byId("delays-failure").hidden = false;
      root.ariaBusy = "false";
      return;
    }
    fill(...answers);
    draw();
  }

  function fill(rates, { crossings }, { days }, charts) {
    renderLead(rates);
    byId("no-charts").hidden = Boolean(charts);
    for (const place of root.querySelectorAll(".chart, #calendar")) place.hidden = !charts;
    for (const details of root.querySelectorAll("details")) details.open = !charts;
    byId("delays-content").hidden = false;
    const groups = createRates(rates, groupNames(catalogue), charts, changed);
    sections = [groups, createInteractions(crossings, charts), createDays(days, charts)];
  }

  /** One after the other, so that the last state is the one that is shown. */
  function draw(which = sections) {
    root.ariaBusy = "true";
    drawing = drawing.then(async () => {
      for (const section of which) await section.show(state);
    });
    const drawn = drawing;
    drawn.finally(() => drawn === drawing && (root.ariaBusy = "false"));
  }

  function changed(values) {
    state = values;
    writeAddress("delays", state);
    draw(sections.slice(0, 1));
  }

  byId("delays-retry").addEventListener("click", load);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => sections && draw());
  load();
  return {
    show({ by = "", sort = "" }) {
      if (by === state.by && sort === state.sort) return;
      state = { by, sort };
      if (sections) draw(sections.slice(0, 1));
    },
  };
}

function renderLead({ flights, first, last, base_rate: baseRate, block_days: days, threshold_minutes: minutes }) {
  const rate = percent(baseRate, 1);
  const values = { flights: number(flights), first: day(first), last: day(last), percent: rate, minutes };
  byId("delays-lead").textContent = text("delays.lead", values);
  byId("counted-meaning").textContent = text("delays.counted_meaning", { minutes });
  byId("interval-meaning").textContent = text("delays.interval_meaning", { percent: rate, days });
}
