// One message: its changing parts are fetched every few seconds until it has ended.

const PARTS = ["m-state", "m-tale", "m-cost", "m-acts", "why-not"];
const SOON = 2000, LATER = 6000, LONG = 60000;
const live = document.querySelector("[data-live]");
const began = Date.now();
let drawn = new Map();

// a link that opens a dialog goes nowhere else, nor does one that closes it
addEventListener("click", (event) => {
  if (event.target.closest("a[data-dialog], a[data-close]")) event.preventDefault();
});

// asked for by the address: shown as it would be by a press
for (const dialog of document.querySelectorAll("dialog[open]")) {
  dialog.close();
  dialog.showModal();
}

const isOpen = () => document.querySelector("#m-tale[data-open]") !== null;

function swap(old, made) {
  const text = made.outerHTML;
  if (drawn.get(old.id) === text) return;
  if (!drawn.has(old.id) && old.outerHTML === text) return void drawn.set(old.id, text);
  drawn.set(old.id, text);
  // what was unfolded stays so, and the focus stays where it was
  for (const one of old.querySelectorAll("details[open]")) {
    if (one.querySelector("pre")) one.dataset.kept = "1";
    const same = made.querySelector(`details[data-key="${one.dataset.key}"]`);
    if (one.dataset.kept && same) same.replaceWith(one);
    else if (same) same.open = true;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceWith(made);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(live.dataset.live, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error("away");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of PARTS) {
    const old = document.getElementById(id), made = page.getElementById(id);
    if (old && made) swap(old, document.importNode(made, true));
  }
}

async function follow() {
  try {
    await refresh();
  } catch {
    // the next round tries again; what is shown stays
  }
  if (isOpen()) setTimeout(follow, Date.now() - began > LONG ? LATER : SOON);
}

if (live && isOpen()) setTimeout(follow, SOON);
