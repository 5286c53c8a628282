// The booking form shows only what the chosen service mode needs. Without this file everything is there, told apart by its legend.
import { all, one, whenReady } from "./dom.js";

function show() {
  const form = one(".booking-form");
  const mode = form && one("input[name=service_mode]:checked", form)?.value;
  if (!mode) return;
  for (const part of all("[data-modes]", form)) part.hidden = !part.dataset.modes.split(" ").includes(mode);
}

document.addEventListener("change", event => { if (event.target.matches(".booking-form input[name=service_mode]")) show(); });
document.addEventListener("kept:restored", show);
document.addEventListener("kept:answered", show);
whenReady(show);
