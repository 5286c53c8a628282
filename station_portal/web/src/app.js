// Everything here makes pages that already work without it faster or handier.
import "htmx.org";
import "./js/typing.js";
import "./js/suggest.js";
import "./js/theme.js";
import "./js/keys.js";
import "./js/find.js";
import "./js/live.js";
import "./js/dialogs.js";
import "./js/upload.js";
import "./js/board.js";
import "./js/queue.js";
import "./js/keep.js";
import "./js/booking.js";

document.documentElement.classList.add("js");
