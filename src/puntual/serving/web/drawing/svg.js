// The parts of a picture, as SVG.

const SVG = "http://www.w3.org/2000/svg";

export function shape(kind, attributes) {
  const element = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** @param anchor which end of the words stands at x: start, middle or end */
export function mark(content, anchor, x, y) {
  const element = shape("text", { x, y, "text-anchor": anchor });
  element.textContent = content;
  return element;
}
