// A dangerous link opens its confirmation as a dialog. Without this file the same link is a page that shows it open.
import { onClick } from "./dom.js";

onClick("[data-dialog]", (link, event) => {
  const dialog = document.getElementById(link.dataset.dialog);
  if (!dialog?.showModal) return;
  event.preventDefault();
  if (dialog.open) dialog.close();
  dialog.showModal();
});
onClick("dialog [data-close]", (button, event) => {
  event.preventDefault();
  button.closest("dialog").close();
});
onClick("[data-print]", () => window.print());
