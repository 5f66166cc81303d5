// Swap the smallest parts of a page for newer ones; focus, scroll and drafts stay.

const NEAR_END = 48;
const SPOKEN_MS = 15000;

export const find = (selector, root = document) => root.querySelector(selector);

export function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

/** Put the parts of `fresh` (a parsed document) in place of those with the same id.
    `expected`: the address the phone had when a background reading began; if the reader has gone
    on since, the phone stays as it is. */
export function swap(fresh, { focus = false, expected = null } = {}) {
  const late = expected !== null && find("#phone")?.dataset.url !== expected;
  keepFocus(() => {
    for (const id of ["top-counts", "wall-counts", "filters"]) fill(find(`#${id}`), find(`#${id}`, fresh));
    if (!late) swapPhone(find("#phone"), find("#phone", fresh));
    if (!late) swapSide(find("#side"), find("#side", fresh));
    for (const card of fresh.querySelectorAll("li[data-number]")) {
      const old = document.getElementById(card.id);
      if (old) fill(old, card);
    }
  });
  if (focus) find("#room-title")?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("swapped"));
}

/** Add list items that are new, in their place; the others are changed where they stand. */
export function merge(list, fresh, { drop = true } = {}) {
  const items = [...fresh.children];
  const keep = new Set(items.map((item) => item.id));
  const added = [];
  let place = list.firstElementChild;
  for (const item of items) {
    const old = document.getElementById(item.id);
    if (old?.parentElement === list) {
      fill(old, item);
      place = old.nextElementSibling;
    } else {
      item.classList.add("is-new");
      list.insertBefore(item, place);
      added.push(item);
    }
  }
  if (drop) for (const item of [...list.children]) if (!keep.has(item.id)) item.remove();
  return added;
}

function swapPhone(old, fresh) {
  if (!old || !fresh) return;
  if (old.dataset.view !== fresh.dataset.view) {
    old.replaceWith(fresh);
    return;
  }
  old.dataset.url = fresh.dataset.url;
  for (const id of ["phone-status", "phone-tabs", "room-head", "rooms", "nothing", "leads"]) {
    fill(find(`#${id}`, old), find(`#${id}`, fresh));
  }
  const foot = find("#room-foot", old);
  const newFoot = find("#room-foot", fresh);
  if (foot && newFoot && foot.dataset.foot !== newFoot.dataset.foot) foot.replaceWith(newFoot);
  else rename(find("#write", foot ?? old), newFoot && find("#write", newFoot));
  const thread = find("#thread", old);
  const newThread = find("#thread", fresh);
  if (thread && newThread) grow(thread, newThread);
}

/** The draft stays, only what the field is called may change. */
function rename(field, fresh) {
  if (!field || !fresh) return;
  field.placeholder = fresh.placeholder;
  field.setAttribute("aria-label", fresh.placeholder);
}

function swapSide(old, fresh) {
  if (!old || !fresh) return;
  if (old.dataset.view !== fresh.dataset.view) fill(old, fresh);
  else for (const id of ["switches", "slowness", "last-got"]) fill(find(`#${id}`, old), find(`#${id}`, fresh));
}

/** New lines come in at the end; a reader of older ones is not moved, but told. */
function grow(thread, fresh) {
  const scroll = find("#room-scroll");
  const atEnd = scroll.scrollTop > -NEAR_END;
  const height = scroll.scrollHeight;
  const top = scroll.scrollTop;
  const added = merge(thread, fresh);
  for (const line of added) announce(line.dataset.say);
  if (atEnd) {
    scroll.scrollTop = 0;
    return;
  }
  scroll.scrollTop = top - (scroll.scrollHeight - height);
  const incoming = added.filter((line) => line.classList.contains("message-in")).length;
  if (incoming) offerJump(scroll, incoming);
}

function offerJump(scroll, more) {
  let pill = find(".room-jump");
  if (!pill) {
    pill = document.createElement("button");
    pill.type = "button";
    pill.className = "room-jump";
    pill.dataset.n = "0";
    scroll.after(pill);
    const leave = () => {
      pill.remove();
      scroll.removeEventListener("scroll", watch);
    };
    const watch = () => scroll.scrollTop > -NEAR_END && leave();
    pill.addEventListener("click", () => {
      scroll.scrollTop = 0;
      leave();
    });
    scroll.addEventListener("scroll", watch);
  }
  pill.dataset.n = String(Number(pill.dataset.n) + more);
  pill.textContent = document.body.dataset.new.replace("{n}", pill.dataset.n);
}

/** Said once each, also when several come together. */
function announce(words) {
  if (!words) return;
  const line = document.createElement("p");
  line.textContent = words;
  find("#announcer").append(line);
  setTimeout(() => line.remove(), SPOKEN_MS);
}

/** The same element with newer contents, so that :target and listeners stay. */
function fill(old, fresh) {
  if (!old || !fresh || same(old, fresh)) return;
  if (old.contains(document.activeElement) && document.activeElement.type === "range") return;
  for (const { name, value } of [...fresh.attributes]) {
    if (name !== "style") old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "class") old.removeAttribute(name);
  }
  old.replaceChildren(...[...fresh.childNodes].map((node) => node.cloneNode(true)));
}

function same(old, fresh) {
  const bare = (element) => element.outerHTML.replace(/ is-new|"is-new"/g, "");
  return bare(old) === bare(fresh);
}

function keepFocus(change) {
  const focused = document.activeElement;
  const id = focused?.id;
  const card = focused?.closest?.("li[data-number]")?.id;
  change();
  if (document.activeElement && document.activeElement !== document.body) return;
  const again = id ? document.getElementById(id) : card ? find(`#${card} a`) : null;
  again?.focus({ preventScroll: true });
}
