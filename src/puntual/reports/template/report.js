"use strict";
// The pictures are there already; each gives way to its chart, which can be pointed at, when it comes near.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const locale = read("locale");

async function draw(place) {
  const specification = read(`spec-${place.dataset.chart}`);
  const fresh = document.createElement("div");
  fresh.style.width = "100%";
  const picture = place.firstElementChild;
  if (specification.width !== "container") place.classList.add("wide");
  place.append(fresh);
  if (picture) picture.style.display = "none";
  try {
    await vegaEmbed(fresh, specification, {
      actions: false,
      ast: true,
      renderer: "svg",
      formatLocale: locale.number,
      timeFormatLocale: locale.time,
    });
    if (picture) picture.remove();
  } catch (error) {
    fresh.remove();
    if (picture) picture.style.display = "";
    console.warn(error);
  }
}

const near = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      draw(entry.target);
    }
  },
  { rootMargin: "300px" },
);
for (const place of document.querySelectorAll(".chart")) near.observe(place);

function tabulate() {
  const table = document.getElementById("rates");
  if (!table) return;
  const [body] = table.tBodies;
  const rows = [...body.rows];
  const by = document.getElementById("by");
  const filter = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  function choose() {
    const wanted = fold(filter.value);
    let count = 0;
    for (const row of rows) {
      row.hidden = (by.value && row.dataset.by !== by.value) || !fold(row.textContent).includes(wanted);
      count += !row.hidden;
    }
    shown.textContent = shown.dataset.template.replace("##", rows.length).replace("#", count);
  }

  function sort(button) {
    const head = button.closest("th");
    const down = head.getAttribute("aria-sort") !== "descending";
    for (const other of table.tHead.querySelectorAll("th")) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const at = head.cellIndex;
    const key = (row) => {
      const cell = row.cells[at];
      return "sort" in cell.dataset ? Number(cell.dataset.sort) : cell.textContent;
    };
    const ascending = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, document.documentElement.lang));
    rows.sort((a, b) => (down ? -1 : 1) * ascending(key(a), key(b)));
    body.append(...rows);
  }

  by.addEventListener("change", choose);
  filter.addEventListener("input", choose);
  filter.form.addEventListener("submit", (event) => event.preventDefault());
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) sort(button);
  });
  choose();
}

tabulate();
