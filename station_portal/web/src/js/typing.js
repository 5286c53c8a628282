// Half-typed pinyin is not a query. While an input method composes, `input` events stop here; one follows at the end.
// Registered first and on the window, so it runs before htmx and before the suggestions.
window.addEventListener("input", event => {
  if (event.isComposing) event.stopImmediatePropagation();
}, true);
window.addEventListener("compositionend", event => {
  const field = event.target;
  setTimeout(() => field.dispatchEvent(new Event("input", { bubbles: true })));
}, true);
