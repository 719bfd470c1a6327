// The levels of risk that a model tells, and what a threshold has meant on the flights that it was measured on.

/** From which probabilities on a risk is raised, and high. */
export function edgesOf({ risk_levels: levels, cut }) {
  return levels.length ? levels.map((level) => level.cut) : [cut, 1];
}

/**
 * { called, precision, recall } of a threshold with the timetable, at the nearest that was measured: the model's own, or a whole
 * percent; null if none was.
 */
export function metricsAt(threshold, { operating_points: measured, protocols: [{ cut, with_timetable: metrics }] }) {
  if (!measured.length && threshold !== cut) return null;
  const valueOf = (name) => metrics[name]?.value ?? null;
  const points = [{ cut, called: valueOf("called"), precision: valueOf("precision"), recall: valueOf("recall") }, ...measured];
  const distance = (point) => Math.abs(point.cut - threshold);
  return points.reduce((nearest, point) => (distance(point) < distance(nearest) ? point : nearest));
}
