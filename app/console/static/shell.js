// What every page of the console has: the key for the search, menus that close, forms sent once.

const find = (selector, root = document) => root.querySelector(selector);
const typing = (element) => element.matches?.("input, textarea, select, [contenteditable]");

addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return closeMenus(null, true);
  if (event.key !== "/" || typing(event.target) || event.defaultPrevented) return;
  const search = find("[data-search]") ?? find("#find");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

function closeMenus(except, refocus = false) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu === except) continue;
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (refocus && inside) find("summary", menu).focus();
  }
}

addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

// a second click sends nothing twice; what comes back with the back button may be sent again
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    find("[aria-busy]", form)?.removeAttribute("aria-busy");
  }
});

// a button with data-dialog opens the dialog of that id; its first button is the safe one
addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) find(`#${opener.dataset.dialog}`).showModal();
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});
