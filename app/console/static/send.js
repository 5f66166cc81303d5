// The form that sends one notice: the phone beside it follows what is typed.

const form = document.querySelector("[data-preview]");
const PAUSE = 250;
let timer = 0, asked = 0;

async function draw() {
  const mine = ++asked;
  try {
    const answer = await fetch(form.dataset.preview, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "text/html" },
    });
    if (!answer.ok || answer.redirected || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const made = page.getElementById("look"), old = document.getElementById("look");
    if (!made || !old || old.contains(document.activeElement)) return;
    for (const [i, one] of [...old.querySelectorAll("details")].entries()) {
      const same = made.querySelectorAll("details")[i];
      if (same && one.open) same.open = true;
    }
    old.replaceWith(document.importNode(made, true));
  } catch {
    // the last picture stays; the next key asks again
  }
}

// a value may have lines, but most have one: the field grows with it
function grow(field) {
  field.rows = Math.min(8, Math.max(1, field.value.split("\n").length));
}

form?.addEventListener("input", (event) => {
  if (event.target.matches("textarea")) grow(event.target);
  if (event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(draw, PAUSE);
});
form?.addEventListener("compositionend", () => {
  clearTimeout(timer);
  timer = setTimeout(draw, PAUSE);
});
document.querySelectorAll("textarea.in").forEach(grow);
document.querySelectorAll("[data-noscript]").forEach((button) => button.remove());
