"use strict";
// Steps through a diagram by keyboard, and tells a screen reader what is there. The page says everything without it.
for (const box of document.querySelectorAll(".level")) {
  const parts = [...box.querySelectorAll(".part")].filter((one) => one.hasAttribute("tabindex"));
  parts.sort((a, b) => a.dataset.row - b.dataset.row);
  const say = document.getElementById(box.dataset.live);
  const go = (index) => {
    const part = parts[Math.max(0, Math.min(parts.length - 1, index))];
    if (!part) return;
    part.focus();
    say.textContent = part.querySelector("title").textContent;
  };
  box.addEventListener("keydown", (event) => {
    const now = parts.indexOf(document.activeElement);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: parts.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
}
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text);
      button.textContent = "Selected: press Ctrl+C";
    }
  });
}
