// Draws the report's charts with the page's data, colours and language; Vega is fetched when the first one is wanted.

import { cached } from "../api.js";
import { byId, element } from "../elements.js";
import { language } from "../messages.js";

const NARROW = 560;
/** Of the labels of rows if there is little room, pixels. */
const SHORT_LABEL = 130;

/** What charts are drawn from; null if this installation has none. */
export const fetchCharts = cached(async () => {
  const response = await fetch(`vendor/charts-${language}.json`);
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`charts: ${response.status}`);
  const charts = await response.json();
  await import("../vendor/vega.js");
  return charts;
});

/**
 * @param id of the element that the chart fills
 * @param charts of fetchCharts
 * @param name of the specification
 * @param data { datasets, count: of rows, longest: of the rates }
 * @param label the chart in words
 * @param selected called with the row that is clicked
 */
export async function drawChart(id, charts, name, { datasets, count, longest }, label, selected) {
  const place = byId(id);
  const specification = adapt(charts.specifications[name], place);
  for (const param of specification.params ?? []) if (param.name === "longest") param.value = longest;
  Object.assign(specification, { datasets, height: charts.row_height * count });
  place.role = "img";
  place.ariaLabel = label;
  const fresh = element("div");
  place.append(fresh);
  const { view } = await window.vegaEmbed(fresh, specification, {
    mode: "vega-lite",
    actions: false,
    ast: true,
    defaultStyle: false,
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
    config: fontConfig(place),
    formatLocale: charts.locale.number,
    timeFormatLocale: charts.locale.time,
  });
  for (const old of [...place.children]) if (old !== fresh) old.remove();
  view.addEventListener("click", (event, mark) => mark?.datum && selected(mark.datum));
}

/** Letters as large as there is room for. */
function fontConfig({ clientWidth: width }) {
  const size = width < NARROW ? 11 : 12;
  const config = { labelFontSize: size, titleFontSize: size, titleLimit: width - SHORT_LABEL };
  return { axis: config, legend: config };
}

/** The specification with the colours and the font of its place, and labels that leave room. */
function adapt(specification, place) {
  const style = getComputedStyle(place);
  const narrow = place.clientWidth < NARROW;
  return JSON.parse(JSON.stringify(specification), (key, value) => {
    if (narrow && key === "labelLimit") return SHORT_LABEL;
    if (narrow && key === "labelOverlap") return true;
    if (value?.orient === "top" && value.symbolOpacity) return null; // the page's own legend says what each means
    return String(value).startsWith("--") ? style.getPropertyValue(value).trim() : value;
  });
}
