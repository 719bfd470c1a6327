// How a schedule gets in: dropped, chosen, pasted, or made up; and what is said while and after it is read.

import { number, text } from "../messages.js";
import { failure, rowMistake } from "./errors.js";

/** Problems that are listed; the others are counted. */
const LISTED = 100;
/** Waits shorter than this are not worth a word. */
const UNNOTICED_MS = 150;

const part = (id) => document.getElementById(id);

/**
 * @param root the whole view: a file may be dropped anywhere
 * @param given called with { file } or { text, name }
 * @param sampled called when a made-up day is wanted
 * @param retried called when the reader wants to try again
 */
export function createIntake(root, { given, sampled, retried }) {
  let pause = 0;

  part("choose").addEventListener("click", () => part("file").click());
  part("file").addEventListener("change", () => {
    const [file] = part("file").files;
    part("file").value = ""; // the same file can be chosen again
    if (file) given({ file, name: file.name });
  });
  part("sample").addEventListener("click", sampled);
  part("board-retry").addEventListener("click", retried);
  part("paste").addEventListener("click", () => openPaste(part("paste-field").hidden));
  part("paste-field").addEventListener("submit", (event) => {
    event.preventDefault();
    givePasted(part("pasted").value);
  });
  addEventListener("paste", (event) => {
    if (root.hidden || event.target.closest?.("input, textarea, select")) return;
    const content = event.clipboardData.getData("text/plain");
    const [file] = event.clipboardData.files;
    if (file) given({ file, name: file.name });
    else if (content.trim()) givePasted(content);
  });
  root.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files") && !event.dataTransfer.types.includes("text/plain")) return;
    event.preventDefault();
    part("board-panel").classList.add("over");
  });
  root.addEventListener("dragleave", (event) => {
    if (!root.contains(event.relatedTarget)) part("board-panel").classList.remove("over");
  });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    part("board-panel").classList.remove("over");
    const [file] = event.dataTransfer.files;
    const content = event.dataTransfer.getData("text/plain");
    if (file) given({ file, name: file.name });
    else if (content.trim()) givePasted(content);
  });

  function openPaste(open) {
    part("paste-field").hidden = !open;
    part("paste").setAttribute("aria-expanded", String(open));
    if (open) part("pasted").focus();
  }

  function givePasted(content) {
    openPaste(false);
    given({ text: content, name: text("board.pasted_name") });
  }

  function say(words) {
    clearTimeout(pause);
    part("wait").hidden = !words;
    part("wait").textContent = words;
  }

  return {
    /** What the sources can read. */
    know({ headers }) {
      const lines = headers.map((header) => {
        const columns = [...header.scheduled_departure, header.airline, header.origin, header.destination];
        const line = document.createElement("li");
        line.append(code(columns.join(", ")));
        return line;
      });
      part("formats-list").replaceChildren(...lines);
    },

    /** Nothing is there; `again` where there was something before the page was loaded anew. */
    empty(again) {
      part("input-summary").textContent = again ? text("board.drop_again") : text("board.drop");
    },

    /** Something takes its time; a short wait is not worth a word. */
    wait(words) {
      part("board-failure").hidden = true;
      part("board-panel").setAttribute("aria-busy", "true");
      clearTimeout(pause);
      const seen = () => {
        say(words);
        part("board-status").textContent = words;
      };
      if (part("wait").hidden) pause = setTimeout(seen, UNNOTICED_MS);
      else seen();
    },

    /** Why it did not come to anything. */
    fail(error) {
      say("");
      const { title, remedy, again } = failure(error);
      part("board-panel").setAttribute("aria-busy", "false");
      part("board-failure").hidden = false;
      part("board-failure-title").textContent = title;
      part("board-failure-remedy").textContent = remedy;
      part("board-retry").hidden = !again;
    },

    /** It is read and answered. */
    done(said) {
      say("");
      part("board-panel").setAttribute("aria-busy", "false");
      part("board-failure").hidden = true;
      part("input-summary").textContent = said;
    },

    /** The rows that cannot be read, each with its number and what is wrong with it. */
    list(problems) {
      part("problems").hidden = !problems.length;
      const lines = problems.slice(0, LISTED).map((problem) => {
        const line = document.createElement("li");
        line.textContent = rowMistake(problem);
        return line;
      });
      part("problems-list").replaceChildren(...lines);
      part("problems-title").textContent = text("board.problems", { count: number(problems.length) });
      const rest = problems.length - lines.length;
      part("problems-rest").textContent = rest ? text("board.problems_rest", { count: number(rest) }) : "";
    },
  };
}

function code(content) {
  const element = document.createElement("code");
  element.textContent = content;
  return element;
}
