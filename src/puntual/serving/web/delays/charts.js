// Draws the report's charts with the page's data, colours and language; Vega is fetched when the first one is wanted.

import { language } from "../messages.js";

const NARROW = 560;
/** Of the labels of rows where there is little room, pixels. */
const SHORT_LABEL = 130;

let kit;

/** What charts are drawn from; null where this installation has none. */
export function fetchCharts() {
  return (kit ??= load().catch((error) => ((kit = undefined), Promise.reject(error))));
}

async function load() {
  const response = await fetch(`vendor/charts-${language}.json`);
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`charts: ${response.status}`);
  const charts = await response.json();
  await import("../vendor/vega.js");
  return charts;
}

/**
 * @param place the element that the chart fills
 * @param charts of fetchCharts
 * @param name of the specification
 * @param data { datasets, count: of rows, longest: of the rates }
 * @param told { label: what the chart shows, select(row): called with what is pointed at and clicked }
 */
export async function draw(place, charts, name, { datasets, count, longest }, { label, select }) {
  const specification = dressed(charts.specifications[name], place);
  for (const param of specification.params ?? []) if (param.name === "longest") param.value = longest;
  Object.assign(specification, { datasets, height: charts.row_height * count });
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", label);
  const fresh = document.createElement("div");
  const { view } = await window.vegaEmbed(place.appendChild(fresh), specification, {
    mode: "vega-lite",
    actions: false,
    ast: true,
    defaultStyle: false,
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
    config: lettered(place),
    formatLocale: charts.locale.number,
    timeFormatLocale: charts.locale.time,
  });
  for (const old of [...place.children]) if (old !== fresh) old.remove();
  view.addEventListener("click", (event, item) => item?.datum && select(item.datum));
}

/** Letters as large as there is room for. */
function lettered({ clientWidth: width }) {
  const size = width < NARROW ? 11 : 12;
  const letters = { labelFontSize: size, titleFontSize: size, titleLimit: width - SHORT_LABEL };
  return { axis: letters, legend: letters };
}

/** The specification with what its colours and its font are in this place, and labels that leave room. */
function dressed(specification, place) {
  const style = getComputedStyle(place);
  const narrow = place.clientWidth < NARROW;
  return JSON.parse(JSON.stringify(specification), (key, value) => {
    if (narrow && key === "labelLimit") return SHORT_LABEL;
    if (narrow && key === "labelOverlap") return true;
    if (value?.orient === "top" && value.symbolOpacity) return null; // the page's own legend says what each means
    return String(value).startsWith("--") ? style.getPropertyValue(value).trim() : value;
  });
}
