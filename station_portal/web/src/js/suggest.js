// Suggestions below a search box: the ARIA combobox pattern with a list the server renders.
import { all, whenReady } from "./dom.js";

function attach(field) {
  const list = document.getElementById(field.getAttribute("aria-controls"));
  if (!list) return;
  let running = null, timer = 0, chosen = -1;
  const options = () => all("[role=option]", list);

  function close() {
    clearTimeout(timer);
    running?.abort();
    list.replaceChildren();
    choose(-1);
    field.setAttribute("aria-expanded", "false");
  }
  function choose(index) {
    chosen = index;
    options().forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    const active = options()[index];
    if (active) { field.setAttribute("aria-activedescendant", active.id); active.scrollIntoView({ block: "nearest" }); }
    else field.removeAttribute("aria-activedescendant");
  }
  async function load() {
    const text = field.value.trim();
    if (!text || document.activeElement !== field) return close();
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: running.signal });
      if (!answer.ok || document.activeElement !== field) return close();
      list.innerHTML = await answer.text();
      choose(-1);
      field.setAttribute("aria-expanded", String(options().length > 0));
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }
  function take(option) {
    if (option.dataset.href) { location.assign(option.dataset.href); return; }
    field.value = option.dataset.text;
    close();
    field.form.requestSubmit();
  }

  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(load, 120); });
  field.addEventListener("blur", () => setTimeout(close, 150));
  field.addEventListener("keydown", event => {
    if (event.isComposing) return;
    const count = options().length;
    if (event.key === "Escape" && count) { event.preventDefault(); close(); }
    else if (event.key === "ArrowDown" && count) { event.preventDefault(); choose((chosen + 1) % count); }
    else if (event.key === "ArrowUp" && count) { event.preventDefault(); choose((chosen - 1 + count) % count); }
    else if (event.key === "Enter") {
      if (chosen >= 0) { event.preventDefault(); take(options()[chosen]); } else close();
    }
  });
  list.addEventListener("pointerdown", event => {
    const option = event.target.closest("[role=option]");
    if (option) { event.preventDefault(); take(option); }
  });
}

whenReady(() => all("input[data-suggest]").forEach(attach));
