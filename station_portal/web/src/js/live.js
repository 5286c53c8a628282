// What refreshes by itself can be paused (WCAG 2.2.2), and rests while nobody looks.
import { onClick } from "./dom.js";

let paused = false;

document.addEventListener("htmx:before:request", event => {
  const source = event.detail?.ctx?.sourceElement;
  if (source?.hasAttribute?.("data-live") && (paused || document.hidden)) event.preventDefault();
});

onClick("[data-pause]", button => {
  paused = !paused;
  button.setAttribute("aria-pressed", String(paused));
  button.lastElementChild.textContent = paused ? button.dataset.resume : button.dataset.pause;
  button.querySelector("use")?.setAttribute("href", paused ? button.dataset.playIcon : button.dataset.pauseIcon);
});
