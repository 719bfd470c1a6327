// The levels of risk that a model tells, and what a threshold has meant on the flights that it was measured on.

/** From which probabilities on a risk is raised, and high. */
export function edgesOf({ risk_levels: levels, cut }) {
  return levels.length ? levels.map((level) => level.cut) : [cut, 1];
}

/** { called, precision, recall } of a threshold, at the nearest that was measured; null if none was. */
export function metricsAt(threshold, points) {
  if (!points.length) return null;
  const distance = (point) => Math.abs(point.cut - threshold);
  return points.reduce((nearest, point) => (distance(point) < distance(nearest) ? point : nearest));
}
