"use strict";
// Every change is a form that is sent: this only sends it sooner, drags, and comes back to where one was.
const form = document.getElementById("edit");
const send = (what, focus) => {
  sessionStorage.setItem("place", JSON.stringify({ y: scrollY, focus }));
  if (what) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: what }));
  form.submit();
};
const place = JSON.parse(sessionStorage.getItem("place") || "null");
sessionStorage.removeItem("place");
if (place) {
  const rows = document.querySelectorAll("[data-step]");
  const row = rows[Math.min(place.focus, rows.length) - 1];
  const named = typeof place.focus === "string" ? document.getElementsByName(place.focus)[0] : row;
  named?.focus({ preventScroll: true });
  scrollTo(0, place.y);
}
form.addEventListener("change", (event) => {
  if (event.target.name !== "add" && event.target.name !== "at") send("", event.target.name);
});
form.addEventListener("submit", () => sessionStorage.setItem("place", JSON.stringify({ y: scrollY, focus: "add" })));
let dragged = 0;
for (const row of document.querySelectorAll("[data-step]")) {
  const number = Number(row.dataset.step);
  row.addEventListener("dragstart", (event) => {
    dragged = number;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", String(number));
    event.dataTransfer.setDragImage(row, 0, 0);
  });
  row.addEventListener("dragend", () => (dragged = 0));
  row.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    row.classList.add("over");
  });
  row.addEventListener("dragleave", () => row.classList.remove("over"));
  row.addEventListener("drop", (event) => {
    event.preventDefault();
    if (dragged && dragged !== number) send(`move ${dragged} ${number}`, number);
  });
  row.addEventListener("keydown", (event) => {
    if (event.target !== row) return;
    const to = { ArrowUp: number - 1, ArrowDown: number + 1 }[event.key];
    if (event.altKey && to >= 1 && to <= document.querySelectorAll("[data-step]").length) {
      event.preventDefault();
      send(`move ${number} ${to}`, to);
    } else if (event.key === "Delete") {
      send(`remove ${number}`, number);
    }
  });
}
