// The composer: answers and notes, drafts, canned replies, files. Nothing is sent while an IME composes.
import { $, $$, post, say, toast, words } from "./inbox-page.js";

const KEEP_MS = 24 * 3600 * 1000, MOST_FILES = 10, MOST_SHOWN = 8;
const length = (text) => [...text].length; // as the server counts: letters, not halves of them
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");

export function composer({ refused, wanted, typing }) {
  let files = [], shown = [], at = 0, sending = false, tried = false;
  const form = () => $("#comp"), box = () => $("#text"), pop = () => $("#canned");
  const thread = () => $("#room").dataset.thread;
  const kind = () => form()?.elements.kind.value;
  const main = $("#main").dataset;

  // ---- drafts: per thread and kind, gone after a day ----
  const slot = (of = kind()) => `naru-draft:${main.workspace}:${main.me}:${thread()}:${of}`;
  function keep() {
    if (!form()) return;
    try {
      if (box().value) localStorage.setItem(slot(), JSON.stringify({ at: Date.now(), text: box().value }));
      else localStorage.removeItem(slot());
    } catch { /* a full or forbidden store: the text stays in the page */ }
  }
  function kept(of) {
    try {
      const found = JSON.parse(localStorage.getItem(slot(of)) ?? "null");
      return found && Date.now() - found.at < KEEP_MS ? found.text : "";
    } catch { return ""; }
  }
  function purge() {
    try {
      for (const name of Object.keys(localStorage).filter((one) => one.startsWith("naru-draft:"))) {
        const found = JSON.parse(localStorage.getItem(name));
        if (!found || Date.now() - found.at > KEEP_MS) localStorage.removeItem(name);
      }
    } catch { /* nothing to purge then */ }
  }

  // ---- looks ----
  function count() {
    const limit = Number(kind() === "note" ? form().dataset.noteLimit : form().dataset.limit), now = length(box().value);
    const said = $("#count");
    said.textContent = `${now.toLocaleString()} / ${limit.toLocaleString()}`;
    said.classList.toggle("over", now > limit);
    return now <= limit;
  }
  function turn(to) {
    if (!form() || !$("#tab-reply") || kind() === to) return;
    keep();
    form().elements.kind.value = to;
    box().value = kept(to);
    dress();
  }
  function dress() {
    const now = kind(), label = $("#send span");
    form().classList.toggle("noting", now === "note");
    label.textContent = label.dataset[now];
    box().placeholder = box().dataset[now];
    $("label[for=text]").textContent = now === "note" ? label.dataset.note : label.dataset.reply;
    for (const tab of $$("#comp [role=tab]")) tab.setAttribute("aria-selected", String(tab.id === `tab-${now}`));
    for (const only of ["#pick-l", "#open-canned", "#files"]) $(only)?.toggleAttribute("hidden", now === "note");
    shut();
    count();
    $("#count").title = "";
  }

  // ---- canned replies: a combobox that pushes the room up ----
  const all = () => JSON.parse($("#canned-list")?.textContent ?? "[]");
  function look() {
    const text = box().value;
    if (kind() !== "reply" || !text.startsWith("/") || text.includes("\n")) return shut();
    const query = text.slice(1).trim().toLowerCase().normalize("NFC");
    const first = all().filter((one) => one.shortcut.startsWith(query));
    const rest = all().filter((one) => !one.shortcut.startsWith(query) && query && one.text.toLowerCase().includes(query));
    shown = [...first, ...rest].slice(0, MOST_SHOWN);
    at = 0;
    if (!shown.length) return shut();
    const head = document.createElement("p");
    head.className = "tiny dim row";
    head.textContent = say(words.found, { q: query, n: shown.length });
    const list = document.createElement("ul");
    list.role = "presentation";
    shown.forEach((one, n) => {
      const li = document.createElement("li"), name = document.createElement("b"), what = document.createElement("span");
      li.role = "option";
      li.id = `canned-${n}`;
      name.textContent = `/${one.shortcut}`;
      what.className = "cut";
      what.textContent = one.text;
      li.append(name, what);
      list.append(li);
    });
    pop().replaceChildren(head, list);
    pop().hidden = false;
    box().setAttribute("aria-expanded", "true");
    $("#open-canned")?.setAttribute("aria-expanded", "true");
    point();
  }
  function point() {
    $$("li", pop()).forEach((li, n) => li.setAttribute("aria-selected", String(n === at)));
    box().setAttribute("aria-activedescendant", `canned-${at}`);
    $(`#canned-${at}`)?.scrollIntoView({ block: "nearest" });
  }
  function shut() {
    if (!pop() || pop().hidden) return;
    pop().hidden = true;
    box().setAttribute("aria-expanded", "false");
    box().removeAttribute("aria-activedescendant");
    $("#open-canned")?.setAttribute("aria-expanded", "false");
  }
  function choose(n) {
    box().value = shown[n].text;
    shut();
    box().focus();
    const gap = /#\{[^}]*\}/.exec(box().value);
    if (gap) box().setSelectionRange(gap.index, gap.index + gap[0].length);
    edited();
  }

  // ---- files: what cannot be sent is told before it is uploaded ----
  const limits = () => JSON.parse($("#file-limits")?.textContent ?? "{}");
  function unfit(file) {
    const kinds = limits(), of = file.type.split("/")[0];
    const limit = kinds[of] ?? kinds.file, name = file.name;
    if (file.size > limit.size) return say(words.large, { name, size: limit.words });
    if (limit.types.length && !limit.types.includes(file.type)) return say(words.kind, { name });
    return "";
  }
  async function add(given) {
    if (!form() || !$("#pick") || kind() !== "reply") return;
    for (const file of given) {
      if (files.length >= MOST_FILES) { toast(words.many, { bad: true }); return; }
      const why = unfit(file);
      if (why) { toast(why, { bad: true }); continue; }
      const one = { name: file.name || "image.png", id: "", busy: true };
      files.push(one);
      draw();
      const address = `/console/inbox/${thread()}/files?${new URLSearchParams({ name: one.name })}`;
      const told = await post(address, file, { headers: { "Content-Type": "application/octet-stream" } });
      one.busy = false;
      if (told.ok) one.id = told.id;
      else { files = files.filter((other) => other !== one); toast(`${one.name}: ${told.words}`, { bad: true }); }
      draw();
    }
  }
  function draw() {
    $("#files")?.replaceChildren(...files.map((one) => {
      const li = document.createElement("li"), name = document.createElement("span"), out = document.createElement("button");
      name.className = "cut";
      name.textContent = one.busy ? `${one.name} · ${words.uploading}` : one.name;
      out.type = "button";
      out.textContent = "×";
      out.setAttribute("aria-label", say(words.remove, { name: one.name }));
      out.onclick = () => { files = files.filter((other) => other !== one); draw(); box().focus(); };
      li.append(name, out);
      return li;
    }));
  }

  // ---- sending: one key per answer, so that a second click or try sends once ----
  async function send() {
    const text = box().value, ready = files.every((one) => one.id);
    if (sending || !ready) return;
    if (!text.trim() && !(files.length && kind() === "reply")) { box().focus(); return; }
    if (!count()) { toast($("#count").textContent, { bad: true }); return; }
    sending = true;
    $("#send").setAttribute("aria-busy", "true");
    const where = thread(), what = kind(), body = new URLSearchParams(new FormData(form()));
    body.set("text", text.trim() ? text : "");
    if (what === "reply") body.set("files", files.map((one) => one.id).join(","));
    const told = await post(form().action, body);
    sending = false;
    $("#send")?.removeAttribute("aria-busy");
    if (thread() !== where || !form()) return;
    if (!told.ok) {
      tried = told.code === "network" || told.status >= 500;
      keep();
      return refused(told);
    }
    tried = false;
    form().elements.client_key.value = newKey();
    if (told.epoch) form().elements.epoch.value = told.epoch;
    if (box().value === text) box().value = "";
    if (what === "reply") files = [];
    draw();
    keep();
    count();
    typing("");
    wanted("room", "columns", "context");
  }
  function edited() {
    if (tried) { // another text is another answer
      tried = false;
      form().elements.client_key.value = newKey();
    }
    keep();
    count();
    look();
    if (box().value) typing(kind());
    else typing("");
  }

  // ---- what happens in it ----
  document.addEventListener("input", (event) => { if (event.target.id === "text") edited(); });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "comp") return;
    event.preventDefault();
    send();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "text" || event.isComposing || event.keyCode === 229) return;
    const open = pop() && !pop().hidden, ctrl = event.ctrlKey || event.metaKey;
    if (ctrl && event.key === "Enter") { event.preventDefault(); send(); }
    else if (ctrl && event.shiftKey && event.key.toLowerCase() === "n") {
      event.preventDefault();
      turn(kind() === "note" ? "reply" : "note");
    } else if (open && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      at = (at + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length;
      point();
    } else if (open && event.key === "Enter" && !event.shiftKey) { event.preventDefault(); choose(at); }
    else if (event.key === "Escape") { event.stopPropagation(); if (open) shut(); else box().blur(); }
  });
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("#comp [role=tab]");
    if (tab) { event.preventDefault(); turn(tab.id === "tab-note" ? "note" : "reply"); box().focus(); }
    const option = event.target.closest("#canned li");
    if (option) choose(Number(option.id.slice("canned-".length)));
    if (event.target.closest("#open-canned")) {
      if (!pop().hidden) { shut(); return; }
      if (!box().value.startsWith("/")) box().value = box().value ? box().value : "/";
      box().focus();
      look();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "pick") return;
    add([...event.target.files]);
    event.target.value = "";
  });
  document.addEventListener("paste", (event) => {
    if (event.target.id !== "text" || !event.clipboardData.files.length) return;
    event.preventDefault();
    add([...event.clipboardData.files]);
  });
  for (const on of ["dragover", "drop", "dragleave"]) {
    document.addEventListener(on, (event) => {
      if (!event.target.closest?.("#room") || !$("#pick")) return;
      if (on !== "dragleave") event.preventDefault();
      $("#room").classList.toggle("drop", on === "dragover");
      if (on === "drop") add([...event.dataTransfer.files]);
    });
  }

  return {
    begin() {
      files = [];
      tried = false;
      if (!form()) return;
      const text = kept(kind());
      if (text && !box().value) box().value = text;
      for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", "canned"], ["aria-expanded", "false"]]) {
        if ($("#tab-reply")) box().setAttribute(name, value);
      }
      const left = $("#kept");
      if (left && kept("reply")) { left.hidden = false; $("span", left).textContent = kept("reply"); }
      if ($("#tab-reply")) dress();
      else count();
      draw();
    },
    end() { keep(); },
    turn(to) { turn(to); box()?.focus(); },
    purge,
  };
}
