// Arrow keys walk the board by where things lie: times to the left and right, instruments or days above and below.
import { all } from "./dom.js";

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const middle = box => [box.left + box.width / 2, box.top + box.height / 2];

function nearest(from, way, others) {
  const [x, y] = middle(from.getBoundingClientRect());
  let found = null, least = Infinity;
  for (const other of others) {
    if (other === from) continue;
    const box = other.getBoundingClientRect();
    const [right, down] = [middle(box)[0] - x, middle(box)[1] - y];
    const along = right * way[0] + down * way[1], aside = Math.abs(right * way[1]) + Math.abs(down * way[0]);
    if (box.width && along > 4 && along + 3 * aside < least) { least = along + 3 * aside; found = other; }
  }
  return found;
}

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !WAYS[event.key]) return;
  const board = event.target.closest?.("[data-board]");
  if (!board) return;
  const next = nearest(event.target, WAYS[event.key], all("tbody a, tbody button", board));
  if (next) { event.preventDefault(); next.focus(); }
});
