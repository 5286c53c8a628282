// Light, dark or the system's choice, without a reload. The server renders the same cookie, so nothing flashes.
import { one, onClick } from "./dom.js";

const MEDIA = { light: "not all", dark: "screen", auto: "screen and (prefers-color-scheme: dark)" };

onClick("[data-theme-choice]", (link, event) => {
  event.preventDefault();
  const root = document.documentElement;
  const dark = root.dataset.theme === "dark"
    || (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const theme = dark ? "light" : "dark";
  root.dataset.theme = theme;
  one("#dark-values")?.setAttribute("media", MEDIA[theme]);
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
});

// Searching changes the address without loading the frame again: the other language is of what is shown now.
onClick("[data-language]", (link, event) => {
  event.preventDefault();
  const here = new URL(location.href);
  here.searchParams.set("lang", link.dataset.language);
  location.assign(here);
});
