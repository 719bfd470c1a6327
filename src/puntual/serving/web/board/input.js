// How a schedule gets in: dropped, chosen, pasted, or generated; and what is shown while and after it is read.

import { addressOf } from "../address.js";
import { byId, element, item } from "../elements.js";
import { day, number, text } from "../messages.js";
import { describeError, describeProblem } from "./errors.js";
import { requiredColumns } from "./schedule.js";

/** Problems that are listed; the others are counted. */
const MAX_LISTED = 100;
/** Shorter waits are not announced. */
const UNNOTICED_MS = 150;

/**
 * @param root the whole view: a file may be dropped anywhere
 * @param opened called with { file, name } or { text, name }
 * @param sampled called when a generated day is wanted
 * @param retried called when the reader wants to try again
 */
export function createInput(root, { opened, sampled, retried }) {
  const panel = byId("board-panel");
  let timer = 0;

  byId("choose").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", () => {
    const [file] = byId("file").files;
    byId("file").value = ""; // the same file can be chosen again
    if (file) opened({ file, name: file.name });
  });
  byId("sample").addEventListener("click", sampled);
  byId("board-retry").addEventListener("click", retried);
  byId("paste").addEventListener("click", () => togglePaste(byId("paste-field").hidden));
  byId("paste-field").addEventListener("submit", (event) => {
    event.preventDefault();
    openText(byId("pasted").value);
  });
  addEventListener("paste", ({ target, clipboardData }) => {
    if (!root.hidden && !target.closest?.("input, textarea, select")) receive(clipboardData);
  });
  root.addEventListener("dragover", (event) => {
    const { types } = event.dataTransfer;
    if (!types.includes("Files") && !types.includes("text/plain")) return;
    event.preventDefault();
    panel.classList.add("over");
  });
  root.addEventListener("dragleave", (event) => {
    if (!root.contains(event.relatedTarget)) panel.classList.remove("over");
  });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    panel.classList.remove("over");
    receive(event.dataTransfer);
  });

  function receive(transfer) {
    const [file] = transfer.files;
    const content = transfer.getData("text/plain");
    if (file) opened({ file, name: file.name });
    else if (content.trim()) openText(content);
  }

  function togglePaste(open) {
    byId("paste-field").hidden = !open;
    byId("paste").ariaExpanded = String(open);
    if (open) byId("pasted").focus();
  }

  function openText(content) {
    togglePaste(false);
    opened({ text: content, named: "pasted" });
  }

  function setProgress(words) {
    clearTimeout(timer);
    byId("wait").hidden = !words;
    byId("wait").textContent = words;
  }

  function finish(failed) {
    setProgress("");
    panel.ariaBusy = "false";
    byId("board-failure").hidden = !failed;
  }

  return {
    /** List the columns that the page can read, and whether the server reads workbooks. */
    setFormats({ headers, workbooks }) {
      byId("workbooks-note").textContent = text(workbooks ? "board.workbooks" : "board.no_workbooks");
      byId("workbooks-privacy").hidden = !workbooks;
      const lines = headers.map((header) => item(element("code", {}, requiredColumns(header).join(", "))));
      byId("formats-list").replaceChildren(...lines);
    },

    /**
     * Nothing is there.
     *
     * @param again whether there was something before the page was loaded anew
     * @param flight which is to be shown within its day, as an address names it, or null
     */
    showEmpty(again, flight) {
      const empty = again ? text("board.drop_again") : text("board.drop");
      byId("input-summary").textContent = flight ? text("board.drop_day", { ...flight, day: day(flight.day) }) : empty;
      byId("ask-alone").hidden = !flight;
      if (!flight) return;
      const { airline, origin, destination } = flight;
      const values = { origin, destination, airline, departure: `${flight.day}T${flight.time}` };
      byId("ask-alone").firstChild.href = addressOf("flight", values);
    },

    showProgress(words) {
      byId("board-failure").hidden = true;
      panel.ariaBusy = "true";
      clearTimeout(timer);
      const announce = () => {
        setProgress(words);
        byId("board-status").textContent = words;
      };
      if (byId("wait").hidden) timer = setTimeout(announce, UNNOTICED_MS);
      else announce();
    },

    showFailure(error) {
      finish(true);
      const { title, remedy, retryable } = describeError(error);
      byId("board-failure-title").textContent = title;
      byId("board-failure-remedy").textContent = remedy;
      byId("board-retry").hidden = !retryable;
    },

    /** The schedule is read and predicted. */
    showSummary(summary) {
      finish(false);
      byId("ask-alone").hidden = true;
      byId("input-summary").textContent = summary;
      byId("board-status").textContent = summary;
    },

    /** The rows that cannot be read, each with its number and what is wrong with it. */
    listProblems(problems) {
      const count = problems.length;
      const rest = Math.max(0, count - MAX_LISTED);
      byId("problems").hidden = !count;
      byId("problems-list").replaceChildren(...problems.slice(0, MAX_LISTED).map((one) => item(describeProblem(one))));
      byId("problems-title").textContent = text("board.problems", { count: number(count) });
      byId("problems-rest").textContent = rest ? text("board.problems_rest", { count: number(rest) }) : "";
    },
  };
}
