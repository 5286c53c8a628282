// The work queue by keyboard: j/k walk, x ticks, a goes to "accept", r to "refuse", ? shows the help. Nothing is done
// by one key alone. Single keys can be switched off (WCAG 2.1.4); the choice stays in this browser.
import { all, one, onClick, whenReady } from "./dom.js";

const OFF = "single-keys-off";
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable], summary, dialog *";
const stored = (() => { try { return localStorage; } catch { return null; } })();

const rows = () => all("[data-work] [data-row]");
const current = () => one("[data-work] [data-current]");

function go(step) {
  const list = rows();
  if (!list.length) return;
  const from = list.indexOf(current());
  const row = list[Math.min(Math.max(from + step, 0), list.length - 1)];
  current()?.removeAttribute("data-current");
  row.setAttribute("data-current", "");
  one("[data-open]", row).focus();
}

function tick(row) {
  const box = row && one("input[name=pick]", row);
  if (box) { box.checked = !box.checked; count(); }
}

function count() {
  const told = one("[data-picked]");
  const number = all("[data-work] input[name=pick]:checked").length;
  const whole = one("[data-work] [data-all]");
  if (whole) whole.checked = number > 0 && number === all("[data-work] input[name=pick]").length;
  if (!told) return;
  told.dataset.hint ??= told.textContent;
  told.textContent = number ? told.dataset.words.replace("{count}", number) : told.dataset.hint;
}

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  x: () => tick(current()),
  a: () => {
    if (!one("[data-work] input[name=pick]:checked")) tick(current());
    one("[data-accept]")?.focus();
  },
  r: () => {
    const part = one("[data-refuse]");
    if (!part) return;
    if (!one("[data-work] input[name=pick]:checked")) tick(current());
    part.open = true;
    one("select", part).focus();
  },
  "?": () => { const help = one("[data-keys]"); if (help) help.open = !help.open; },
};

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const act = KEYS[event.key];
  if (!act || !one("[data-work]") || stored?.getItem(OFF) || document.activeElement?.matches(TYPING)) return;
  event.preventDefault();
  act();
});
// Where the reader's focus goes, the mark goes along.
document.addEventListener("focusin", event => {
  const row = event.target.closest?.("[data-work] [data-row]");
  if (!row || row === current()) return;
  current()?.removeAttribute("data-current");
  row.setAttribute("data-current", "");
});
document.addEventListener("change", event => {
  if (event.target.matches("[data-work] [data-all]")) {
    for (const box of all("[data-work] input[name=pick]")) box.checked = event.target.checked;
    count();
  }
  if (event.target.matches("[data-work] input[name=pick]")) count();
  if (event.target.matches("[data-keys-off]")) {
    if (event.target.checked) stored?.setItem(OFF, "1"); else stored?.removeItem(OFF);
  }
});
whenReady(() => {
  const box = one("[data-keys-off]");
  if (box) box.checked = Boolean(stored?.getItem(OFF));
  if (one("[data-work]")) count();
});
