// The inbox's keys: one letter each, off while typing or composing, none while a dialog is open.
import { $, $$ } from "./inbox-page.js";

const AFTER_G_MS = 1_200;

export function listenForKeys({ go, compose }) {
  let g = 0;
  const typing = (element) => element.matches?.("input, textarea, select, [contenteditable]");
  const open = (id) => { const dialog = $(id); dialog?.showModal(); $("input:not([type=hidden]):not([disabled]), button", dialog ?? document.body)?.focus(); return dialog; };
  const queue = (name) => go(name === "all" ? "/console/inbox" : `/console/inbox?queue=${name}`);

  function move(by) {
    const links = $$("#threads a");
    if (!links.length) return;
    const at = links.findIndex((one) => one.hasAttribute("aria-current"));
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
    if (!links[next]) return;
    links[next].scrollIntoView({ block: "nearest" });
    go(links[next].href);
  }
  const acts = {
    j: () => move(1),
    k: () => move(-1),
    t: () => $("#do-take")?.click(),
    a: () => open("#d-transfer"),
    s: () => { const dialog = open("#d-transfer"); $("[value^='team:'], [value=queue]", dialog ?? document.body)?.focus(); },
    z: () => open("#d-snooze"),
    e: () => $("#do-resolve")?.click(),
    r: () => compose.turn("reply"),
    n: () => compose.turn("note"),
    "?": () => open("#d-keys"),
  };
  const after = { m: "mine", w: "waiting", u: "unread", a: "all" };

  addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || $("dialog:modal")) return;
    const key = event.key.toLowerCase(), isAfterG = Date.now() - g < AFTER_G_MS;
    g = 0;
    if (isAfterG && after[key]) { event.preventDefault(); queue(after[key]); }
    else if (key === "g") g = Date.now();
    else if (acts[key]) { event.preventDefault(); acts[key](); }
  });
}
