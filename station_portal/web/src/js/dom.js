// Short names for the calls every module makes, one delegated listener, and the moment the document is there.
export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const onClick = (selector, act) => document.addEventListener("click", event => {
  const found = event.target.closest?.(selector);
  if (found) act(found, event);
});
export const whenReady = act => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", act); else act();
};
