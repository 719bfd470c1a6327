// The board: an origin's day as it happens, where the service knows it, and any schedule that the reader gives.

import { addressOf, readAddress, writeAddress } from "../address.js";
import { cached, fetchBoards, fetchFormats } from "../api.js";
import { byId } from "../elements.js";
import { fillTexts } from "../messages.js";
import { fetchFragment, loadStyle } from "../parts.js";
import { createPlanned } from "./planned.js";

/** Between two looks whether there is a day to show. */
const SECONDS = 5;

const isWall = () => readAddress().view === "wall";

/**
 * @param catalogue { airlines, destinations, model }
 * @param kept the schedule that was open when the view is made anew
 */
export async function create(root, catalogue, kept) {
  const formats = cached(fetchFormats);
  const links = [...byId("board-kinds").querySelectorAll("[data-kind]")];
  const states = { live: {}, planned: {} };
  let shown = "";
  let live = null;
  let hasStore = false;
  let timer = 0;

  const planned = createPlanned(root, catalogue, {
    fetchFormats: formats,
    write: (state, isStep) => write("planned", state, isStep),
    opened: () => reveal("planned"), // a file may be dropped on the live board
  });

  /** The live board, if the service has days; another time it may. */
  async function findLive() {
    try {
      hasStore = Boolean((await formats()).live);
      const boards = hasStore ? await fetchBoards() : { days: [] };
      return boards.days.length ? await loadLive(boards) : null;
    } catch {
      return null; // a schedule can be given all the same
    }
  }

  /** Days may come while the page is open; a schedule that is shown stays. */
  function awaitLive() {
    clearTimeout(timer);
    if (live || !hasStore) return;
    timer = setTimeout(async () => {
      if (root.checkVisibility()) live = await findLive();
      if (!live) return awaitLive();
      if (Object.keys(states.planned).length) reveal(shown);
      else show(readAddress());
    }, SECONDS * 1000);
  }

  async function loadLive(boards) {
    const styles = ["live", "rows", "wall"].map((style) => loadStyle(`live/${style}.css`));
    const parts = [import("../live/live.js"), fetchFragment("live/live.html"), ...styles];
    const [{ createLive }, html] = await Promise.all(parts);
    byId("live").innerHTML = html;
    fillTexts(byId("live"));
    return createLive(boards, catalogue, { write: writeLive });
  }

  /** A wall shows today, whichever day that comes to be. */
  function writeLive(state, isStep) {
    states.live = state;
    const today = { ...state, date: "", open: "" };
    byId("live-wall").href = addressOf("wall", today);
    byId("live-leave").href = addressOf("board", today);
    if (isWall()) writeAddress("wall", today);
    else writeAddress("board", state, isStep);
  }

  /** Put a state into the address, as a step that Back undoes or without; where there are two boards, it says which one it is of. */
  function write(kind, state, isStep = false) {
    states[kind] = state;
    if (isStep) history.pushState(null, "", addressOf("board", addressed(kind)));
    else writeAddress("board", addressed(kind));
  }

  const addressed = (kind) => (kind === "planned" && live ? { of: "schedule", ...states.planned } : states[kind]);

  byId("board-kinds").addEventListener("click", ({ target }) => {
    const { kind } = target.dataset;
    if (kind) target.href = addressOf("board", addressed(kind));
  });

  /** Which of the two is shown: the live one, where there is one and the address names no other. */
  function reveal(kind) {
    shown = kind;
    byId("board-kinds").hidden = !live;
    for (const link of links) link.ariaCurrent = link.dataset.kind === kind ? "page" : null;
    for (const part of ["live", "planned"]) byId(part).hidden = part !== kind;
  }

  function show(values) {
    const kind = live && values.of !== "schedule" ? "live" : "planned";
    reveal(kind);
    if (kind === "live") return live.show(values);
    planned.show(values);
    awaitLive();
  }

  root.ariaBusy = "true";
  live = await findLive();
  if (kept) await planned.open(kept);
  root.ariaBusy = "false";
  return { show, keep: planned.kept };
}
