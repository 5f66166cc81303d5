// Single keys (SANDBOX keys: / J K 1–5 R P Esc, at the desk A X C), only outside fields, and they can be turned off.

import { find } from "/static/swap.js";

const STORED = "naru-keys";
const SHEET = "#side";

const isOff = () => localStorage.getItem(STORED) === "off";
const isNarrow = () => matchMedia("(max-width: 760px)").matches;

function step(by) {
  const cards = [...document.querySelectorAll("a.handset")];
  const number = find("#phone")?.dataset.number;
  const focused = document.activeElement?.closest("li[data-number]");
  const here = focused ?? (number ? document.getElementById(`card-${number}`) : null);
  const at = cards.findIndex((card) => card.parentElement === here);
  const next = cards[Math.min(cards.length - 1, Math.max(0, at + by))];
  if (!next) return;
  if (find("#phone")) next.click();
  else next.focus();
}

function pressNth(n) {
  const pressed = ":is(button[name=button], button[name=what])";   // of a notice, of a push
  const bubbles = [...document.querySelectorAll(`#thread .message:has(${pressed})`)];
  const buttons = bubbles.at(-1)?.querySelectorAll(pressed);
  buttons?.[n - 1]?.click();
}

// the desk: the next template of the list
function turn(by) {
  const rows = [...document.querySelectorAll(".queue a")];
  const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
  rows[at < 0 ? 0 : at + by]?.click();
}

// the request inspector, when the focus is in it: the next call of the list
const inRequests = () => find("#requests")?.contains(document.activeElement);

function turnRequest(by) {
  const rows = [...document.querySelectorAll("#request-list .calls a")];
  const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[at < 0 ? 0 : at + by];
  next?.focus();
  next?.click();
}

function stepHere(by) {
  if (inRequests()) turnRequest(by);
  else if (find("#review")) turn(by);
  else step(by);
}

// a rejection says why: without words the cursor goes to their place
function reject() {
  const words = find("#comment");
  if (words && words.value.trim()) find("button[value=reject]")?.click();
  else words?.focus();
}

const KEYS = {
  "/": () => (find("#search") ?? find("#call-search"))?.focus(),
  a: () => find("button[value=approve]")?.click(),
  x: () => find("button[value=reject]") && reject(),
  c: () => find("#request-copy")?.click(),
  j: () => stepHere(1),
  k: () => stepHere(-1),
  r: () => (find("#write") ?? find("#comment"))?.focus(),
  p: () => find("#switch-power")?.click(),
};

function leave() {
  if (location.hash === SHEET) history.back();
  else if (find("#leads-panel")) find("#leads-panel a[data-in]").click();
  else if (find("#phone") && isNarrow()) find(".mobile-bar a").click();
  else find(`#card-${find("#phone")?.dataset.number} a`)?.focus();
}

function trap(event) {
  if (event.key !== "Tab" || location.hash !== SHEET || !isNarrow()) return;
  const stops = [...find(SHEET).querySelectorAll("a, button, summary, input:not([type=hidden])")].filter(
    (stop) => stop.checkVisibility({ visibilityProperty: true }),   // not what a closed <details> holds
  );
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge && find(SHEET).contains(document.activeElement)) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

/** On a narrow screen the controls are a sheet; closed, the focus is where it was opened. */
function turnSheet() {
  const sheet = find(SHEET);
  if (!sheet || !isNarrow()) return;
  const open = location.hash === SHEET;
  const was = sheet.getAttribute("role") === "dialog";
  if (open) {
    sheet.setAttribute("role", "dialog");
    sheet.setAttribute("aria-modal", "true");
    find(".sheet-close", sheet)?.focus();
  } else if (was) {
    sheet.removeAttribute("role");
    sheet.removeAttribute("aria-modal");
    find("[data-sheet]")?.focus();
  }
}

function showSwitch() {
  const button = find("#keys-switch");
  if (!button) return;
  button.hidden = false;
  button.textContent = isOff() ? button.dataset.on : button.dataset.off;
}

export function startKeys() {
  addEventListener("keydown", (event) => {
    trap(event);
    if (event.key === "Escape") leave();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isOff()) return;
    if (event.target.matches?.("input, textarea, select")) return;
    const act = KEYS[event.key.toLowerCase()] ?? (/^[1-5]$/.test(event.key) ? () => pressNth(Number(event.key)) : null);
    if (!act) return;
    event.preventDefault();
    act();
  });
  addEventListener("hashchange", turnSheet);
  turnSheet();
  addEventListener("click", (event) => {
    if (!event.target.closest("#keys-switch")) return;
    localStorage.setItem(STORED, isOff() ? "on" : "off");
    showSwitch();
  });
  document.addEventListener("swapped", showSwitch);
  showSwitch();
}
