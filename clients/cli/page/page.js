"use strict";
// Tables sort by the heading that is clicked: numbers by data-v, text by itself; what is not known stays last, the sum stays below.
function sortBy(heading) {
  const table = heading.closest("table"), body = table.tBodies[0];
  const column = [...heading.parentNode.children].indexOf(heading);
  const up = heading.getAttribute("aria-sort") === "descending" || (heading.getAttribute("aria-sort") === null && heading.classList.contains("left"));
  const value = row => {
    const cell = row.children[column];
    return cell.dataset.v === undefined ? cell.textContent : cell.dataset.v === "" ? null : Number(cell.dataset.v);
  };
  const order = (a, b) => {
    const one = value(a), other = value(b);
    if (one === null || other === null) return (one === null) - (other === null);
    const sign = up ? 1 : -1;
    return sign * (typeof one === "number" ? one - other : one.localeCompare(other));
  };
  for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", up ? "ascending" : "descending");
  body.append(...[...body.rows].sort(order));
}
for (const heading of document.querySelectorAll("table.sorts thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...heading.childNodes);
  heading.append(button);
  button.addEventListener("click", () => sortBy(heading));
}
