// The inbox: swaps what changed, keeps scroll, focus and drafts, follows the newest line.
import { composer } from "./inbox-compose.js";
import { listenForKeys } from "./inbox-keys.js";
import { $, $$, csrf, part, post, say, toast, words } from "./inbox-page.js";
import { connect, present } from "./live.js";

document.documentElement.classList.add("js");
const GATHER_MS = 250, END_PX = 60;

// what was refused, in words; who took the work is named, and what was written stays
function refused(told) {
  const lost = told.code === "stale_epoch" || told.code === "not_owner";
  const who = told.data?.owner ?? told.owner;
  const took = lost && who ? say(words.took, { who }) + " " : "";
  toast(lost ? `${took}${words.draft}` : told.words ?? words.failed, { bad: true });
  wanted("room", "columns", "context");
}

// ---- swapping -----------------------------------------------------------------------------------
const room = () => $("#room[data-thread]");
let due = new Set(), timer = 0, busy = false;
function wanted(...parts) {
  parts.forEach((one) => due.add(one));
  timer ||= setTimeout(swap, GATHER_MS);
}
async function swap() {
  timer = 0;
  if (busy) return;
  busy = true;
  const parts = due;
  due = new Set();
  const here = location.href;
  try {
    if (parts.has("columns")) columns(await part("columns"));
    if (parts.has("room") && room()) mergeRoom(await part("room", { after: room().dataset.after }), here);
    if (parts.has("context") && room()) context(await part("context"), here);
  } catch { /* the live link tells that it is cut, and asks again */ }
  busy = false;
  if (due.size) timer ||= setTimeout(swap, GATHER_MS);
}
const held = (root) => $("details[open]", root) || root?.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");

function columns(fresh) {
  const queues = $("#queues");
  if (!held(queues)) queues.replaceWith($("#queues", fresh));
  const list = $("#list"), made = $("#list", fresh);
  const focused = document.activeElement?.closest?.("#list li")?.id, top = list.scrollTop;
  const head = $("header", list);
  $(".seg", head)?.replaceWith($(".seg", made));
  while (head.nextSibling) head.nextSibling.remove();
  while ($("header", made).nextSibling) list.append($("header", made).nextSibling);
  list.scrollTop = top;
  mark();
  if (focused) $(`#${CSS.escape(focused)} a`)?.focus({ preventScroll: true });
  const count = $("#queues .n.lit")?.textContent, nav = $("#nav-inbox");
  if (nav) { nav.textContent = count ?? ""; nav.hidden = !count; }
}
function mark() {
  const thread = room()?.dataset.thread;
  for (const link of $$("#threads a")) {
    if (link.parentNode.id === `t-${thread}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}
function context(fresh, here) {
  const old = $("#context"), made = $("#context", fresh);
  if (here === location.href && made && !held(old)) old.replaceWith(made);
}
function mergeRoom(fresh, here) {
  const made = $("#room[data-thread]", fresh), old = room();
  if (!made || !old || here !== location.href || made.dataset.thread !== old.dataset.thread) return;
  mergeFeed($("#feed", made));
  Object.assign(old.dataset, made.dataset);
  if (!held($("#room-head"))) $("#room-head").replaceWith($("#room-head", made));
  if (!$("dialog[open]", old)) $("#dialogs")?.replaceWith($("#dialogs", made) ?? "");
  if ($("#compose").dataset.key !== $("#compose", made).dataset.key) {
    const inside = $("#compose").contains(document.activeElement);
    $("#compose").replaceWith($("#compose", made));
    compose.begin();
    if (inside) $("#text")?.focus();
  } else {
    for (const name of ["case", "epoch", "seen"]) {
      const field = $(`#comp [name=${name}]`), next = $(`#comp [name=${name}]`, made);
      if (field && next) field.value = next.value;
    }
  }
  follow();
}

// ---- the feed -------------------------------------------------------------------------------------
let sticky = true, top = 0, unseen = 0, lastSeen = 0;
const atEnd = (feed) => feed.scrollHeight - feed.scrollTop - feed.clientHeight < END_PX;
function toEnd() {
  const feed = $("#feed");
  if (feed) {
    feed.scrollTop = feed.scrollHeight;
    top = feed.scrollTop;
  }
  sticky = true;
  newer(0);
}
function newer(count) {
  unseen = count;
  const box = $("#newer");
  if (!box) return;
  box.hidden = count === 0;
  if (count) $("button", box).textContent = say(words.more, { n: count });
}
function mergeFeed(made) {
  const feed = $("#feed");
  const isAbove = (li) => /^[dn]-/.test(li.id); // days and notices are told again, and stay where they are
  const known = (li) => feed.querySelector(`:scope > #${CSS.escape(li.id)}`);
  const all = [...made.children].filter((li) => li.id !== "earlier" && li.id !== "nothing");
  const ahead = all.map((li) => !isAbove(li) && known(li)).find(Boolean);
  let last = null, added = 0;
  for (const li of all) {
    const old = known(li);
    if (old && isAbove(li)) continue;
    if (old) {
      const still = old.outerHTML === li.outerHTML;
      if (!still) old.replaceWith(li);
      last = still ? old : li;
      continue;
    }
    $("#nothing")?.remove();
    if (last) last.after(li);
    else if (ahead) ahead.before(li);
    else feed.append(li);
    li.classList.add("fresh");
    last = li;
    if (li.classList.contains("inn")) added += 1;
  }
  if (sticky) toEnd();
  else if (added) newer(unseen + added);
}
function follow() {
  const here = room();
  if (!here || document.hidden || !("writes" in $("#main").dataset)) return;
  const newest = $$("#feed .inn[data-seq]").at(-1)?.dataset.seq;
  if (!newest || !sticky || Number(newest) <= lastSeen) return;
  lastSeen = Number(newest);
  post(`/console/inbox/${here.dataset.thread}/seen`, new URLSearchParams({ seq: newest })).then((told) => {
    if (!told.ok) lastSeen = 0;
  });
}
document.addEventListener("scroll", (event) => {
  if (event.target.id !== "feed") return;
  // who goes up leaves the end; a picture that makes the room longer moves nobody
  if (atEnd(event.target)) sticky = true;
  else if (event.target.scrollTop < top) sticky = false;
  top = event.target.scrollTop;
  if (sticky) { newer(0); follow(); }
}, true);
document.addEventListener("load", (event) => { // a picture came: what was the end is the end still
  if (event.target.matches?.("#feed img") && sticky) toEnd();
}, true);
document.addEventListener("visibilitychange", follow);
const shape = new ResizeObserver(() => { if (sticky) toEnd(); }); // the composer grew: the end is the end still
document.addEventListener("click", (event) => { if (event.target.closest("#newer")) toEnd(); });

// ---- going to another room without leaving the page ------------------------------------------------
async function go(address, push = true) {
  let fresh;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch { /* then the browser goes, and says what is wrong */ }
  const made = fresh && $("#main.ib", fresh);
  if (!made) { location.href = address; return; }
  compose.end();
  const queue = made.dataset.query !== $("#main").dataset.query;
  if (push) history.pushState(null, "", address);
  document.title = fresh.title;
  Object.assign($("#main").dataset, made.dataset);
  $("#main").className = made.className;
  const top = $("#list").scrollTop;
  for (const id of ["queues", "room", "context"]) $(`#${id}`).replaceWith($(`#${id}`, made));
  const state = $("#live-state");
  $("#list").replaceWith($("#list", made));
  if (state) $("#live-state")?.replaceWith(state);
  if (!queue) $("#list").scrollTop = top;
  begin();
}
addEventListener("popstate", () => go(location.href, false));
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("a[data-dialog], a[data-close]");
  if (dialog) { event.preventDefault(); return; }
  const link = event.target.closest("#threads a, #queues nav a, .ths .seg a, .rh > a.only-s, .ctx > a.only-s");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented) return;
  event.preventDefault();
  go(link.href).then(() => { if (link.closest("#threads")) $("#feed")?.focus({ preventScroll: true }); });
}, true);

// ---- acts ---------------------------------------------------------------------------------------------
document.addEventListener("submit", async (event) => {
  const form = event.target, act = form.dataset.act;
  if (!act || act === "say") return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const told = await post(form.action, new URLSearchParams(new FormData(form, event.submitter)));
  delete form.dataset.busy;
  if (!told.ok) { form.closest("dialog")?.close(); return refused(told); }
  form.closest("dialog")?.close();
  for (const menu of $$("details.menu[open]")) menu.open = false;
  if (act === "resolve") undoable(form, told.epoch);
  wanted("columns", "room", "context");
});
function undoable(form, epoch) {
  const fields = new FormData(form), address = form.action.replace(/resolve$/, "take");
  fields.set("epoch", epoch);
  toast(words.done, {
    label: words.undo,
    act: async () => {
      const told = await post(address, new URLSearchParams(fields));
      if (!told.ok) return refused(told);
      wanted("columns", "room", "context");
    },
  });
}

// ---- clocks: amber when little is left, spoken at one minute and at zero ------------------------------
const pad = (n) => String(n).padStart(2, "0");
function lasting(seconds) {
  const minutes = Math.floor(seconds / 60), rest = pad(seconds % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${rest}`;
}
const skew = Date.now() - new Date($("#main").dataset.now).getTime();
function tick() {
  for (const clock of $$("[data-due]")) {
    const left = Math.round((new Date(clock.dataset.due) - Date.now() + skew) / 1000);
    const shown = left >= 0 ? lasting(left) : say(words.past, { time: lasting(-left) });
    const target = $("b, span", clock);
    if (target.matches("span") && $("b", target)) $("b", target).textContent = shown;
    else target.textContent = shown;
    const lit = left < Number(clock.dataset.soon);
    clock.classList.toggle(clock.matches(".sla") ? "lit" : "calm", clock.matches(".sla") ? lit : !lit);
    if (!("speaks" in clock.dataset)) continue;
    if (left === 60) $("#speaks").textContent = words.minute;
    if (left === 0) $("#speaks").textContent = words.zero;
  }
}
setInterval(tick, 1000);

// ---- who else is here, and the live link -----------------------------------------------------------------
let me = null, people = {};
const typing = (kind) => (kind ? me?.typing(kind) : me?.still());
function seers() {
  const box = $("#seers"), writing = $("#writing");
  const others = (people[room()?.dataset.thread] ?? []).filter((one) => one.id !== $("#main").dataset.me);
  if (box) {
    box.replaceChildren(...others.slice(0, 3).map((one) => {
      const made = document.createElement("span");
      made.className = "avatar sm c";
      made.textContent = one.name.slice(0, 1);
      made.title = say(words.viewing, { who: one.name });
      return made;
    }));
    if (others.length) {
      const text = document.createElement("span");
      text.className = "tiny sub";
      text.textContent = say(words.viewing, { who: others.map((one) => one.name).join(", ") });
      box.append(text);
    }
  }
  const one = others.find((other) => other.what !== "viewing");
  if (writing) writing.textContent = one ? say(one.what === "note" ? words.noting : words.writing, { who: one.name }) : "";
}
function state(now) {
  const box = $("#live-state");
  if (now === "out") { location.reload(); return; }
  const [text, look] = { live: [words.live, ""], polling: [say(words.polling, { n: 2 }), " late"], lost: [words.cut, " off"] }[now];
  box.textContent = text;
  box.className = `push live${look}`;
}
connect({
  after: Number($("#main").dataset.after),
  onChange(changes) {
    const thread = room()?.dataset.thread;
    wanted("columns");
    const mine = changes.filter((one) => one.thread === thread);
    if (mine.some((one) => one.kind !== "chat.seen")) wanted("room");
    if (mine.some((one) => one.kind.startsWith("case."))) wanted("context");
  },
  onPresence(threads) { people = threads; seers(); },
  onGap() { wanted("columns", "room", "context"); },
  onState: state,
});

// ---- beginning ---------------------------------------------------------------------------------------------
const compose = composer({ refused, wanted, typing });
function begin() {
  me?.stop();
  me = room() ? present({ thread: room().dataset.thread, csrf }) : null;
  lastSeen = top = 0;
  sticky = true;
  compose.begin();
  shape.disconnect();
  if ($("#feed")) shape.observe($("#feed"));
  if (new URL(location.href).searchParams.get("before")) sticky = false;
  else toEnd();
  for (const dialog of $$("dialog[open]:not(:modal)")) { dialog.close(); dialog.showModal(); }
  follow();
  seers();
  tick();
}
begin();
compose.purge();
listenForKeys({ go, compose });
addEventListener("pagehide", () => compose.end());
