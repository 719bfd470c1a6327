// A plot as SVG: scales from values to pixels, a grid with its values, lines and marks.

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * @param kind class of the plot
 * @param label the plot in words, for those who cannot see it
 * @param frame { width, height, left, right, top, bottom, gap }: of the picture, of its margins, and from labels to the grid
 * @param domain [first, last] along, and [low, high] upwards
 */
export function createPlot(kind, label, frame, [first, last], [low, high]) {
  const { width, height, gap = 8 } = frame;
  const viewBox = `0 0 ${width} ${height}`;
  const svg = shape("svg", { class: `plot ${kind}`, viewBox, role: "img", "aria-label": label });
  const x = (value) => frame.left + ((value - first) / (last - first)) * (width - frame.left - frame.right);
  const y = (value) => height - frame.bottom - ((value - low) / (high - low)) * (height - frame.top - frame.bottom);
  const line = (name, [x1, y1], [x2, y2]) => shape("line", { class: name, x1: x(x1), x2: x(x2), y1: y(y1), y2: y(y2) });
  const add = (...shapes) => svg.append(...shapes);
  const text = (content, anchor, atX, atY) => {
    const made = shape("text", { x: atX, y: atY, "text-anchor": anchor });
    made.textContent = content;
    add(made);
  };
  return {
    svg,
    x,
    y,
    add,
    line,
    /** Words at a place in pixels; `anchor` is the end of them that stands there: start, middle or end. */
    text,
    /** A line across the grid, with its value. */
    level(value, written) {
      add(line("grid", [first, value], [last, value]));
      text(written, "end", frame.left - gap, y(value) + 4);
    },
    /** An estimate with its interval: { value, low, high }, null ends if it has none. */
    estimate(at, { value, low: lower, high: upper }, radius) {
      return [
        line("interval", [at, lower ?? value], [at, upper ?? value]),
        shape("circle", { class: "dot", cx: x(at), cy: y(value), r: radius }),
      ];
    },
  };
}

export function shape(kind, attributes) {
  const element = document.createElementNS(NAMESPACE, kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
