// A file or a text -> its schedule: read in the browser, a workbook by the server first. Which column holds what in files with a
// header of one's own is kept in this browser, by the header's names.

import { Problem, readWorkbook } from "../api.js";
import { namesOf } from "./columns.js";
import { Refused } from "./csv.js";
import { askPatiently } from "../patience.js";
import { createReader } from "./reader.js";

const KEY = "puntual.columns";
const MAX_KEPT = 20;

/** @param catalogue { airlines, destinations, model } */
export function createSource({ airlines, destinations, model }) {
  const reader = createReader();
  const codesOf = (entries) => entries.flatMap(({ code, iata, icao }) => [code, iata, icao]).filter(Boolean);
  const known = {
    home: codesOf(model.origins),
    airports: model.origins.map(({ code }) => code),
    codes: {
      airline: new Set(codesOf(airlines)),
      origin: new Set(codesOf(model.origins)),
      destination: new Set(codesOf(destinations)),
    },
    names: { airline: namesOf(airlines), airport: namesOf([...model.origins, ...destinations]) },
  };

  /** A workbook's table, as the server reads it. */
  async function textOf(file, formats, signal, waiting) {
    if (!formats.workbooks) throw new Refused("spreadsheet");
    if (file.size > formats.max_body_bytes) throw new Refused("workbook_large", { most: formats.max_body_bytes });
    try {
      return await askPatiently(() => readWorkbook(file, signal), signal, waiting);
    } catch (error) {
      if (error instanceof Problem && error.status === 422) throw new Refused("workbook_bad");
      throw error;
    }
  }

  return {
    ...reader,

    /**
     * The schedule of { file } or { text }, as the worker gives it, with `text` if the server has read it.
     *
     * @param formats of GET /board/schedules.json
     * @param waiting called every second with the seconds until the server is asked again, if it has too much to do
     */
    async read(content, formats, signal, waiting) {
      const all = { ...formats, ...known };
      try {
        return await reader.read(content, all, recall());
      } catch (error) {
        if (error.kind !== "workbook" || !content.file) throw error;
        const text = await textOf(content.file, formats, signal, waiting);
        signal.throwIfAborted();
        return { ...(await reader.read({ text }, all, recall())), text };
      }
    },
  };
}

/** Keep which column holds what in files with such a header. */
export function rememberColumns(names, columns) {
  const { [names.join("\t")]: _, ...others } = recall();
  const kept = [[names.join("\t"), columns], ...Object.entries(others)].slice(0, MAX_KEPT);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(kept)));
  } catch {
    // a browser that keeps nothing: the columns are asked for again
  }
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}
