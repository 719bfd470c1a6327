// The day so far, what has just changed, and a flight's state, in words.

import { formatExpected } from "../board/hours.js";
import { dayAndMonth, listAnd, percent, plural, text } from "../messages.js";
import { describeMoment } from "../times.js";

/** What has become known is told in this order, the worst first. */
const KINDS = ["cancelled", "late", "riskier", "estimate", "overdue", "departed"];

/** Before its day, on it, or after it. */
export function phaseOf(date, asOf) {
  if (!asOf || asOf.day < date) return "before";
  return asOf.day > date ? "after" : "during";
}

/**
 * The day so far.
 *
 * @param sum of the day's flights
 * @param summary `day` of /v1/board
 */
export function describeDay(sum, { date, asOf, minutes, summary }) {
  const { mean_delay_minutes: mean, late_last_2_h: lately } = summary;
  const flights = plural("live.flights", sum.flights);
  const open = sum.flights - sum.departed - sum.cancelled;
  const phase = phaseOf(date, asOf);
  const late = sum.lateDeparted
    ? plural("live.left_late", sum.lateDeparted, { minutes })
    : text("live.none_left_late", { minutes });
  const coming = formatExpected(sum.coming);
  const first = {
    before: text("live.before", { date: dayAndMonth(date), flights }),
    during: sum.departed ? plural("live.left_today", sum.departed, { flights, late }) : text("live.none_left", { flights }),
    after: plural("live.left_then", sum.departed, { date: dayAndMonth(date), flights, late }),
  }[phase];
  const waiting = sum.overdue + sum.late;
  return [
    first,
    phase === "during" && lately !== null ? text("live.lately", { percent: percent(lately) }) : "",
    phase === "after" && mean !== null ? describeMean(Math.round(mean)) : "",
    waiting && phase === "during"
      ? plural("live.waiting", waiting, { late: sum.late ? plural("live.waiting_late", sum.late, { minutes }) : "" })
      : "",
    sum.cancelled ? plural("live.were_cancelled", sum.cancelled) : "",
    open && phase === "after" ? plural("live.unheard", open) : "",
    open && phase !== "after" ? plural("live.coming", open, { late: coming, minutes }) : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function describeMean(minutes) {
  if (minutes > 0) return plural("live.mean_late", minutes);
  return minutes < 0 ? plural("live.mean_early", -minutes) : text("live.mean_none");
}

/** When what is shown was known. */
export function describeAsOf(date, asOf) {
  return asOf ? describeMoment(asOf, date, "live.as_of") : text("live.nothing_known");
}

/** What a change is about: the worst of it. */
export function kindOf({ row, status, estimate, riskier }) {
  if (status && row.status !== "scheduled") return row.status;
  if (estimate) return "estimate";
  return riskier ? "riskier" : "";
}

/** Changes as few words: how many flights left, were cancelled …; "" if nothing is worth it. */
export function summarize(changes, asOf) {
  const kinds = Object.groupBy(changes, kindOf);
  const parts = KINDS.filter((kind) => kinds[kind]).map((kind) => plural(`live.said_${kind}`, kinds[kind].length));
  return parts.length ? text("live.said", { time: asOf?.time ?? "", changes: listAnd(parts) }) : "";
}

/** The changes that stand first, the worst: at most so many. */
export function worst(changes, count) {
  const rank = (change) => KINDS.indexOf(kindOf(change));
  return changes.filter((change) => kindOf(change)).sort((a, b) => rank(a) - rank(b)).slice(0, count);
}
