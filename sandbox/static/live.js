// Live pages without a framework: forms and links of the open phone by fetch, changes by SSE.
// Everything here also works without it, by plain forms and links.

import { find, merge, parse, swap } from "/static/swap.js";
import { startKeys } from "/static/keys.js";

const POLL_MS = 5000;
const GATHER_MS = 150;
const WALL_MS = 1500;

document.documentElement.classList.add("js");

async function fetchPart(address, options = {}) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, ...options });
  const fresh = parse(await answer.text());
  if (!answer.ok) throw new Error(find("#problem", fresh)?.textContent.trim() || String(answer.status));
  return fresh;
}

function withPart(address) {
  const url = new URL(address, location.href);
  url.searchParams.set("part", "1");
  url.hash = "";
  return url;
}

// links and forms of the open phone ------------------------------------------------------------

// what is shown, without the hash: closing the sheet goes back in history, but to the same page
const shownAt = () => location.pathname + location.search;
let shown = shownAt();

async function visit(address, { push = true, focus = true } = {}) {
  try {
    swap(await fetchPart(withPart(address)), { focus });
  } catch {
    location.assign(address);
    return;
  }
  if (push) history.pushState(null, "", address);
  shown = shownAt();
  markOpen();
}

function markOpen() {
  const number = find("#phone")?.dataset.number;
  for (const card of document.querySelectorAll("a.handset[aria-current]")) card.removeAttribute("aria-current");
  find(`#card-${number} a`)?.setAttribute("aria-current", "true");
}

async function submit(form, button) {
  const filled = new FormData(form, button);
  const body = form.enctype === "multipart/form-data" ? filled : new URLSearchParams(filled);
  body.set("part", "1");
  const send = button ?? find("button", form);
  send?.setAttribute("aria-busy", "true");
  try {
    swap(await fetchPart(form.action, { method: "POST", body }));
    if ("send" in form.dataset) {
      form.reset();
      find("#write")?.focus();
      find("#room-scroll")?.scrollTo(0, 0);
    }
    tell("");
    find("#leads-panel")?.focus();
  } catch (problem) {
    tell(problem instanceof TypeError ? document.body.dataset.unsent : problem.message);
  } finally {
    send?.removeAttribute("aria-busy");
  }
}

function tell(words) {
  const note = find("#live-note");
  note.textContent = words;
  note.hidden = !words;
}

addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-in]")) return;
  event.preventDefault();
  submit(event.target, event.submitter);
});

addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const onWall = link.matches(".handset") && find("#phone");
  if (!onWall && !link.matches("a[data-in]")) return;
  event.preventDefault();
  visit(link.href);
});

addEventListener("popstate", () => {
  if (location.hash || shownAt() === shown) return;
  if (find("#request-list")) return;   // desk.js
  if (find("#phone") && location.pathname.startsWith("/phones/")) visit(location.href, { push: false });
  else location.reload();
});

addEventListener("keydown", (event) => {
  const box = event.target;
  if (!box.matches?.(".composer textarea") || event.key !== "Enter" || event.shiftKey) return;
  if (event.isComposing || event.keyCode === 229) return;   // Hangul is still being composed
  event.preventDefault();
  if (box.value.trim()) box.form.requestSubmit();
});

addEventListener("input", (event) => {
  if (event.target.id !== "slow") return;
  const out = find("#slow-out");
  out.textContent = out.dataset.unit.replace("{n}", event.target.value);
});

addEventListener("change", (event) => {
  if (event.target.id === "slow") event.target.form.requestSubmit();
  if (event.target.id === "photo" && event.target.files.length) event.target.form.requestSubmit();
});

addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(find(button.dataset.copy).textContent);
  button.classList.add("is-done");
});

// changes --------------------------------------------------------------------------------------

const changed = new Set();
let gathering = 0;
let wallAt = 0;
let wallTook = 0;
let wallTimer = 0;

function gather(numbers) {
  for (const number of numbers) changed.add(number);
  gathering ||= setTimeout(refresh, GATHER_MS);
}

async function refresh() {
  const numbers = [...changed];
  changed.clear();
  gathering = 0;
  const open = find("#phone")?.dataset.number;
  const shown = numbers.filter((number) => document.getElementById(`card-${number}`));
  try {
    if (open && numbers.includes(open)) await refreshPhone();
    const others = shown.filter((number) => number !== open);
    if (others.length || numbers.length) await refreshCards(others);
  } catch {
    return;   // the next change or the poll reads it again
  }
  if (numbers.length) readWallSoon();
}

async function refreshPhone() {
  const expected = find("#phone").dataset.url;
  swap(await fetchPart(withPart(expected)), { expected });
}

async function refreshCards(numbers) {
  const asked = new URLSearchParams(numbers.map((number) => ["number", number]));
  asked.set("query", wallQuery());
  swap(await fetchPart(`/parts?${asked}`));
  markOpen();
}

function wallQuery() {
  const asked = new URLSearchParams(location.search);
  const kept = [...asked].filter(([key, value]) => value && ["q", "only", "after"].includes(key));
  return new URLSearchParams(kept).toString();
}

/** New phones and counts: the wall is read again, less often the longer that takes. */
function readWallSoon() {
  if (!find("#wall") || wallTimer) return;
  const wait = Math.max(0, wallAt + Math.max(WALL_MS, 20 * wallTook) - Date.now());
  wallTimer = setTimeout(readWall, wait);
}

async function readWall() {
  wallAt = Date.now();
  try {
    const expected = find("#phone")?.dataset.url ?? null;
    const fresh = await fetchPart(expected ?? location.href);
    swap(fresh, { expected });
    growWall(find("#wall"), find("#wall", fresh));
    dispatchEvent(new CustomEvent("page-read", { detail: fresh }));   // desk.js: the top bar
  } catch (problem) {
    console.warn("the wall could not be read", problem);   // the next change reads it again
  } finally {
    wallTook = Date.now() - wallAt;
    wallTimer = 0;
  }
}

function growWall(old, fresh) {
  if (!old || !fresh || old.dataset.grows === "no") return;
  if (old.matches("ul") && fresh.matches("ul")) merge(old, fresh, { drop: false });
  else if (old.tagName !== fresh.tagName) old.replaceWith(fresh);
}

function refreshAll() {
  const numbers = [...document.querySelectorAll("li[data-number]")].map((card) => card.dataset.number);
  const open = find("#phone")?.dataset.number;
  gather(open ? [open, ...numbers] : numbers);
  readWallSoon();
}

let polling = 0;

// what the page was drawn from: a change between drawing and listening must not be missed
let seen = document.body.dataset.seq;

function listen() {
  const stream = new EventSource(`/stream?after=${seen}`);
  stream.onmessage = (event) => {
    seen = event.lastEventId || seen;
    const change = JSON.parse(event.data);
    if (change.all) refreshAll();
    else if (change.phones.length) gather(change.phones);
    if (change.desk) readWallSoon();
  };
  stream.onopen = () => {
    if (!polling) return;
    clearInterval(polling);
    polling = 0;
    tell("");
    refreshAll();
  };
  stream.onerror = () => {
    if (polling) return;
    tell(document.body.dataset.lost);
    polling = setInterval(refreshAll, POLL_MS);
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, POLL_MS);
  };
  addEventListener("pagehide", () => stream.close());
}

if (find("#wall") || find("#phone")) listen();
if (document.activeElement === document.body && !location.hash) find("#room-title")?.focus({ preventScroll: true });
startKeys();
