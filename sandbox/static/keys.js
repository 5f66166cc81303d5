// Single keys (SANDBOX keys: / J K 1–5 R P Esc), only outside fields, and they can be turned off.

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
  const bubbles = [...document.querySelectorAll("#thread .message:has(button[name=button])")];
  const buttons = bubbles.at(-1)?.querySelectorAll("button[name=button]");
  buttons?.[n - 1]?.click();
}

const KEYS = {
  "/": () => find("#search")?.focus(),
  j: () => step(1),
  k: () => step(-1),
  r: () => find("#write")?.focus(),
  p: () => find("#switch-power")?.click(),
};

function leave() {
  if (location.hash === SHEET) location.hash = "#phone";
  else if (find("#leads-panel")) find("#leads-panel a[data-in]").click();
  else if (find("#phone") && isNarrow()) location.assign("/");
  else find(`#card-${find("#phone")?.dataset.number} a`)?.focus();
}

function trap(event) {
  if (event.key !== "Tab" || location.hash !== SHEET || !isNarrow()) return;
  const stops = [...find(SHEET).querySelectorAll("a, button, input:not([type=hidden])")].filter(
    (stop) => stop.offsetParent !== null,
  );
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge && find(SHEET).contains(document.activeElement)) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
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
  addEventListener("hashchange", () => {
    if (location.hash === SHEET) find(`${SHEET} .sheet-close`)?.focus();
  });
  addEventListener("click", (event) => {
    if (!event.target.closest("#keys-switch")) return;
    localStorage.setItem(STORED, isOff() ? "on" : "off");
    showSwitch();
  });
  document.addEventListener("swapped", showSwitch);
  showSwitch();
}
