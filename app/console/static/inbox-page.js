// What every module of the inbox uses: finding, words, telling the server, toasts.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const words = JSON.parse($("#words").textContent);
export const csrf = document.body.dataset.csrf;
export const say = (text, values = {}) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
const TOAST_MS = 6_000;

// one part of this page as it is now
export async function part(name, changed = {}) {
  const url = new URL(location.href);
  for (const gone of ["before", "ask", "tab"]) url.searchParams.delete(gone);
  url.searchParams.set("part", name);
  for (const [key, value] of Object.entries(changed)) url.searchParams.set(key, value);
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  if (answer.redirected) location.reload();
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

export async function post(address, body, more = {}) {
  let answer;
  try {
    const headers = { Accept: "application/json", "X-CSRF": csrf, ...more.headers };
    answer = await fetch(address, { method: "POST", body, headers, keepalive: more.keepalive });
  } catch {
    return { ok: false, code: "network", words: words.failed };
  }
  if (answer.redirected) location.reload();
  const told = await answer.json().catch(() => ({ words: words.failed }));
  return { ok: answer.ok, status: answer.status, ...told };
}

export function toast(text, { bad = false, label = "", act = null } = {}) {
  const box = $(bad ? "#alerts" : "#toasts");
  const made = document.createElement("div");
  made.className = bad ? "toast bad" : "toast";
  const said = document.createElement("span");
  said.textContent = text;
  made.append(said);
  const button = document.createElement("button");
  button.className = "btn sm";
  button.type = "button";
  button.textContent = label || words.close;
  const end = () => made.remove();
  button.onclick = () => { end(); act?.(); };
  if (act || bad) made.append(button);
  box.replaceChildren(made);
  if (bad) return;
  let timer = setTimeout(end, TOAST_MS);
  const hold = () => clearTimeout(timer), go = () => { clearTimeout(timer); timer = setTimeout(end, TOAST_MS); };
  for (const on of ["mouseenter", "focusin"]) made.addEventListener(on, hold);
  for (const off of ["mouseleave", "focusout"]) made.addEventListener(off, go);
}
