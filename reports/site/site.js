// Tables are sorted by a click on a header, and filtered by a word. Without this script they are as written.
"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  if (rows.length < 2) continue;
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const key = (row) => {
        const cell = row.cells[column];
        return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
      };
      const sorted = [...rows].sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        // What has no figure stays last, whichever way.
        if (x === null && y === null) {
          const order = a.cells[column].textContent.localeCompare(b.cells[column].textContent, "zh");
          return ascending ? order : -order;
        }
        if (x === null) return 1;
        if (y === null) return -1;
        return ascending ? x - y : y - x;
      });
      body.replaceChildren(...sorted);
    });
  });
  if (rows.length < 8) continue;
  const label = document.createElement("label");
  label.className = "filter";
  const input = document.createElement("input");
  input.type = "search";
  label.append("筛选：", input);
  input.addEventListener("input", () => {
    const wanted = input.value.trim();
    for (const row of rows) row.hidden = !row.textContent.includes(wanted);
  });
  table.closest(".table").prepend(label);
}
