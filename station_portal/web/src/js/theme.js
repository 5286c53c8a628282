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
