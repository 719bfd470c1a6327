// A number in small flaps.

import { graphic, span } from "../elements.js";

/** Show a number in a <data> element, if it is another one than it shows. */
export function renderFlaps(data, shown) {
  if (data.value === shown) return;
  data.value = shown;
  const flaps = [...shown].map((character) => graphic(/\d/.test(character) ? "flap" : "mark", {}, character));
  data.replaceChildren(span("visually-hidden", shown), ...flaps);
}
