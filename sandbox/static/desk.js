// The live desk: elements with `data-live` and an id are swapped in place when something changed.
//
// A part is left alone while its reader writes in it, has changed one of its fields or selects its
// text; otherwise focus, scroll and opened details stay. Nothing here speaks to a screen reader.

import { find, parse } from "/static/swap.js";

const POLL_MS = 5000;
const READ_MS = 1500;
const SLOW_FACTOR = 10;   // a page that takes long to make is asked for less often

let at = 0;
let took = 0;
let timer = 0;
let late = false;

/** Put newer parts in place. `force`: the reader asked for another call or list. */
export function swapLive(fresh, { force = false } = {}) {
  for (const old of document.querySelectorAll("[data-live][id]")) {
    if (old.parentElement.closest("[data-live]")) continue;
    const next = fresh.getElementById(old.id);
    if (!next || bare(old) === bare(next) || (!(force && old.matches("#requests [data-live]:not(form)")) && isBusy(old))) continue;
    put(old, next);
  }
  document.dispatchEvent(new Event("swapped"));
}

// what a script of ours put on an element is no change
function bare(element) {
  return element.outerHTML.replace(/ ?is-(new|done)|class=""/g, "").replace(/ open=""/g, "").replace(/\s+/g, " ");
}

function isBusy(part) {
  const active = document.activeElement;
  if (part.contains(active) && (active.matches("input, textarea, select") || active.isContentEditable || !active.id)) return true;
  const chosen = getSelection();
  if (chosen && !chosen.isCollapsed && chosen.containsNode(part, true)) return true;
  return [...part.querySelectorAll("input, textarea, select")].some(isChanged);
}

function isChanged(field) {
  if (field.matches("input[type=checkbox], input[type=radio]")) return field.checked !== field.defaultChecked;
  if (field.matches("select")) return [...field.options].some((one) => one.selected !== one.defaultSelected) && field.selectedIndex !== firstOf(field);
  return field.type !== "hidden" && field.value !== field.defaultValue;
}

// without a marked option the first one is chosen by itself
function firstOf(select) {
  return [...select.options].some((one) => one.defaultSelected) ? -1 : 0;
}

function put(old, next) {
  const focus = old.contains(document.activeElement) ? document.activeElement.id : "";
  const opened = new Map([...old.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
  const scrolled = [old, ...old.querySelectorAll("[id]")].filter((one) => one.scrollTop || one.scrollLeft);
  const places = scrolled.map((one) => [one.id, one.scrollTop, one.scrollLeft]);
  const title = old.querySelector("h3")?.textContent;
  const fresh = document.importNode(next, true);
  const grows = find("tr[id]", old) !== null;
  for (const row of fresh.querySelectorAll("tr[id], li[id]")) {
    if (grows && !document.getElementById(row.id)) row.classList.add("is-new");
  }
  const same = fresh.querySelector("h3")?.textContent === title;
  old.replaceWith(fresh);
  if (same) for (const [id, open] of opened) document.getElementById(id)?.toggleAttribute("open", open);
  if (same) for (const [id, top, left] of places) document.getElementById(id)?.scrollTo(left, top);
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
}

// reading the page again -----------------------------------------------------------------------

async function fetchPage(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return parse(await answer.text());
}

function readSoon() {
  if (timer || !find("[data-live]")) return;
  if (document.hidden) {
    late = true;
    return;
  }
  timer = setTimeout(read, Math.max(0, at + Math.max(READ_MS, SLOW_FACTOR * took) - Date.now()));
}

async function read() {
  at = Date.now();
  const address = location.href;
  try {
    const fresh = await fetchPage(address);
    if (address === location.href) swapLive(fresh);
  } catch (problem) {
    console.warn("the desk could not be read", problem);   // the next change reads it again
  } finally {
    took = Date.now() - at;
    timer = 0;
  }
}

function tell(words) {
  const note = find("#live-note");
  note.textContent = words;
  note.hidden = !words;
}

let polling = 0;
let seen = document.body.dataset.seq;

function listen() {
  const stream = new EventSource(`/stream?after=${seen}`);
  stream.onmessage = (event) => {
    seen = event.lastEventId || seen;
    readSoon();
  };
  stream.onopen = () => {
    if (!polling) return;
    clearInterval(polling);
    polling = 0;
    tell("");
    readSoon();
  };
  stream.onerror = () => {
    if (polling) return;
    tell(document.body.dataset.lost);
    polling = setInterval(readSoon, POLL_MS);
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, POLL_MS);
  };
  addEventListener("pagehide", () => stream.close());
}

// a call is opened, the list turned and filtered without leaving the page -------------------------

async function visit(address, { push = true, focus = "" } = {}) {
  try {
    const fresh = await fetchPage(address);
    if (push) history.pushState({ desk: true }, "", address);
    shown = location.search;
    swapLive(fresh, { force: true });
    find("#request-split")?.classList.toggle("has-open", new URL(address, location.href).searchParams.has("request"));
  } catch {
    location.assign(address);
    return;
  }
  document.getElementById(focus)?.focus({ preventScroll: true });
}

addEventListener("click", (event) => {
  const link = event.target.closest("a[data-in-desk]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  visit(link.href, { focus: link.id });
});

addEventListener("click", (event) => {
  if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
});

// a link to another part of the page changes the hash alone: nothing is read for that
let shown = location.search;
addEventListener("popstate", () => {
  if (find("#request-list") && location.search !== shown) visit(location.href, { push: false });
});

addEventListener("visibilitychange", () => {
  if (document.hidden || !late) return;
  late = false;
  readSoon();
});

// on the pages with phones the wall is read already: its newer top bar comes from there
addEventListener("page-read", (event) => swapLive(event.detail));
if (!find("#wall") && !find("#phone") && find("[data-live]")) listen();
