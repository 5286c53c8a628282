// "/" goes to the search box; arrow keys walk the hexagons by where they lie.
import { all, one, onClick } from "./dom.js";

const TYPING = "input, textarea, select, [contenteditable]";
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function neighbour(from, way) {
  const map = from.closest("svg");
  let nearest = null, least = Infinity;
  for (const hex of all("a.hex", map)) {
    const right = hex.dataset.x - from.dataset.x, down = hex.dataset.y - from.dataset.y;
    const along = right * way[0] + down * way[1], aside = Math.abs(right * way[1]) + Math.abs(down * way[0]);
    if (along > 1 && along + 2 * aside < least) { least = along + 2 * aside; nearest = hex; }
  }
  return nearest;
}

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const active = document.activeElement;
  if (event.key === "/" && !active?.matches(TYPING)) {
    const field = one("input[type=search]");
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  } else if (WAYS[event.key] && active?.matches("a.hex")) {
    event.preventDefault();
    neighbour(active, WAYS[event.key])?.focus();
  }
});

// The chosen province is marked at once, in every drawing of the map.
onClick(".map-card a.hex", hex => {
  for (const other of all(".map-card a.hex")) {
    if (other.dataset.code === hex.dataset.code) other.setAttribute("aria-current", "true");
    else other.removeAttribute("aria-current");
  }
});
