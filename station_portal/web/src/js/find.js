// The search page: facets on a phone, the reader's position, and what changed said to a screen reader by the server.
import { one, onClick } from "./dom.js";

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

// A swap keeps what the reader opened: the facet sheet on a phone and the long lists.
document.addEventListener("htmx:before:swap", () => {
  const facets = one("#facets");
  if (!facets) return;
  const open = facets.hasAttribute("data-open");
  document.addEventListener("htmx:after:swap", () => one("#facets")?.toggleAttribute("data-open", open), { once: true });
});
