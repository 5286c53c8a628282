// Forms marked data-keep survive a broken line: what was typed stays in this tab until the hub has answered. A form is
// sent by fetch, so that a lost connection leaves the page as it is; its idempotency key makes sending again safe.
import { all, one, whenReady } from "./dom.js";

const PREFIX = "kept:";
const KEPT = "input:not([type=hidden]):not([type=file]):not([type=password]), select, textarea";
const store = (() => { try { return sessionStorage; } catch { return null; } })();
const nameOf = form => PREFIX + form.dataset.keep;

function typed(form) {
  const values = {};
  for (const field of all(KEPT, form)) {
    if (!field.name) continue;
    if (field.type === "checkbox" || field.type === "radio") { if (field.checked) values[field.name] = field.value; }
    else values[field.name] = field.value;
  }
  return values;
}

function keep(form) {
  try { store?.setItem(nameOf(form), JSON.stringify(typed(form))); } catch { /* a full store keeps nothing */ }
}

function fill(form, values) {
  let changed = false;
  for (const field of all(KEPT, form)) {
    if (!field.name) continue;
    const told = values[field.name];
    if (field.type === "checkbox" || field.type === "radio") {
      const wanted = told === field.value;
      if (field.checked !== wanted) { field.checked = wanted; changed = true; }
    } else if (told !== undefined && field.value !== told) {
      if (field.tagName === "SELECT" && ![...field.options].some(option => option.value === told)) continue;
      field.value = told;
      changed = true;
    }
  }
  return changed;
}

function say(form, kind, action) {
  for (const old of all("[data-kept-notice]", form)) old.remove();
  const words = one(`template[data-words="${kind}"]`);
  if (!words) return;
  const notice = words.content.firstElementChild.cloneNode(true);
  notice.setAttribute("data-kept-notice", "");
  const button = one("button", notice);
  if (button) button.addEventListener("click", action);
  form.prepend(notice);
  return notice;
}

function restore(form) {
  const held = store?.getItem(nameOf(form));
  if (!held || one("[aria-invalid], #errors", form) || one("#errors")) return;
  let values;
  try { values = JSON.parse(held); } catch { store.removeItem(nameOf(form)); return; }
  if (!fill(form, values)) return;
  form.closest("details")?.setAttribute("open", "");
  form.dispatchEvent(new CustomEvent("kept:restored", { bubbles: true }));
  say(form, "restored", () => { store.removeItem(nameOf(form)); form.reset(); say(form, "none"); });
}

async function send(form, button) {
  const data = new FormData(form);
  const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  if (button?.name) body.append(button.name, button.value);
  keep(form);
  for (const each of all("button", form)) each.disabled = true;
  let answer, text;
  try {
    answer = await fetch(button?.getAttribute("formaction") || form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    text = await answer.text();
  } catch {
    for (const each of all("button", form)) each.disabled = false;
    say(form, "lost")?.scrollIntoView({ block: "center" });
    return;
  }
  const page = new URL(answer.url);
  if (answer.ok && !page.pathname.startsWith("/sign-in")) store?.removeItem(nameOf(form));
  if (answer.redirected) { location.assign(answer.url); return; }
  const main = one("main", new DOMParser().parseFromString(text, "text/html"));
  if (!main) { location.reload(); return; }
  // The answer is the same form with what is wrong, or with a fee: it was asked for with these very values.
  one("main").replaceWith(main);
  document.title = new DOMParser().parseFromString(text, "text/html").title;
  (one("#errors") || one("[data-answer]") || main).focus();
  document.dispatchEvent(new CustomEvent("kept:answered"));
}

document.addEventListener("submit", event => {
  const form = event.target;
  if (form.matches('form[action="/sign-out"]')) {
    for (const name of Object.keys(store ?? {})) if (name.startsWith(PREFIX)) store.removeItem(name);
    return;
  }
  if (!form.matches("form[data-keep]") || !store) return;
  event.preventDefault();
  send(form, event.submitter);
});
document.addEventListener("input", event => {
  const form = event.target.closest?.("form[data-keep]");
  if (form) keep(form);
});
document.addEventListener("change", event => {
  const form = event.target.closest?.("form[data-keep]");
  if (form) keep(form);
});
whenReady(() => {
  const reader = document.documentElement.dataset.reader;
  // What somebody else typed in this tab is not shown to who signs in after them.
  for (const name of Object.keys(store ?? {})) {
    if (name.startsWith(PREFIX) && reader && !name.startsWith(`${PREFIX}${reader}:`)) store.removeItem(name);
  }
  all("form[data-keep]").forEach(restore);
});
