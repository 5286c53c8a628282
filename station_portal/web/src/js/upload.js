// Upload with a bar: fetch cannot tell how far it is, XMLHttpRequest can. The answer is the page the form would give.
import { all, one, whenReady } from "./dom.js";

function send(form, event) {
  const file = one("input[type=file]", form)?.files[0];
  const bar = one("[data-upload-bar]", form);
  if (!file || !bar) return;
  event.preventDefault();
  const request = new XMLHttpRequest();
  const progress = one("progress", bar), label = one("[data-upload-label]", bar), button = one("button", form);
  bar.hidden = false;
  button.disabled = true;
  request.upload.addEventListener("progress", step => {
    if (!step.lengthComputable) return;
    progress.value = step.loaded / step.total;
    label.textContent = `${Math.floor(100 * step.loaded / step.total)}%`;
  });
  request.addEventListener("load", () => {
    if (request.responseURL && request.responseURL !== form.action && request.status < 400) { location.assign(request.responseURL); return; }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = one("main", page);
    if (!main) { location.reload(); return; }
    one("main").replaceWith(main);
    document.title = page.title;
    one("main").focus();
    all("form[data-upload]").forEach(attach);
  });
  request.addEventListener("error", () => {
    bar.hidden = true;
    button.disabled = false;
    one("[data-upload-failed]", form).hidden = false;
  });
  request.open("POST", form.action);
  request.send(new FormData(form));
}

function attach(form) {
  form.addEventListener("submit", event => send(form, event));
  const zone = one(".drop", form), field = one("input[type=file]", form);
  if (!zone || !field) return;
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, event => { event.preventDefault(); zone.classList.add("over"); });
  }
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
  zone.addEventListener("drop", event => {
    event.preventDefault();
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });
}

whenReady(() => all("form[data-upload]").forEach(attach));
