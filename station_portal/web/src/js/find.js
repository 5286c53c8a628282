// The search page: facets on a phone, the reader's position, and what changed said to a screen reader by the server.
import { all, one, onClick } from "./dom.js";

onClick("[data-open-facets]", button => {
  const open = one("#facets").toggleAttribute("data-open");
  button.setAttribute("aria-expanded", String(open));
  if (open) one("#facets").scrollIntoView({ block: "start" });
});

onClick("[data-locate]", (button, event) => {
  if (!navigator.geolocation) return;
  event.preventDefault();
  button.disabled = true;
  navigator.geolocation.getCurrentPosition(place => {
    const { longitude, latitude } = place.coords;
    const url = new URL(button.dataset.locate, location.href);
    url.searchParams.set("near", `${longitude.toFixed(3)},${latitude.toFixed(3)}`);
    url.searchParams.set("sort", "distance");
    location.assign(url);
  }, () => {
    button.disabled = false;
    one("#locate-failed").hidden = false;
  }, { timeout: 8000, maximumAge: 600000 });
});

// A swap keeps what the reader opened on a phone. Morphing leaves alone what the reader ticked, so that a condition
// taken away by its chip would stay ticked and come back with the next search: the server's answer decides.
document.addEventListener("htmx:before:swap", () => {
  const open = one("#facets")?.hasAttribute("data-open");
  document.addEventListener("htmx:after:swap", () => {
    if (open !== undefined) one("#facets")?.toggleAttribute("data-open", open);
    for (const box of all("#results input[type=checkbox], #results input[type=radio]")) box.checked = box.defaultChecked;
    for (const option of all("#results option")) option.selected = option.defaultSelected;
  }, { once: true });
});
