// A template's page: the phone follows the sample values, by asking for the same page again.

const form = document.querySelector("form[data-look]");
let timer = 0, asked = 0;

async function draw() {
  const mine = ++asked;
  try {
    const answer = await fetch(`${form.action}?${new URLSearchParams(new FormData(form))}`, {
      headers: { Accept: "text/html" },
    });
    if (!answer.ok || answer.redirected || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const made = page.getElementById("look"), old = document.getElementById("look");
    if (made && old && !old.contains(document.activeElement)) old.replaceWith(made);
  } catch {
    // the last picture stays; the next key asks again
  }
}

form?.addEventListener("input", (event) => {
  if (event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(draw, 250);
});
document.querySelectorAll("[data-noscript]").forEach((button) => button.remove());
