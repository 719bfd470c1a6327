// The parts of the page that are fetched when they are first wanted: HTML and styles.

import { element } from "./elements.js";

/** Fetch the HTML of a part of the page. */
export async function fetchFragment(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.text();
}

const styles = new Map();

/** Add a style sheet, once; it is there when the promise is kept. */
export function loadStyle(href) {
  if (!styles.has(href)) styles.set(href, addStyle(href));
  return styles.get(href);
}

function addStyle(href) {
  const link = element("link", { rel: "stylesheet", href });
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      styles.delete(href);
      link.remove();
      reject(new Error(href));
    });
    document.getElementById("print-style").before(link);
  });
}
