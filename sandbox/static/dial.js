// The dial: a slider says its value, a changed row says so, and an effect shows only its own fields.
// Without it every field is there and every form works.

const section = document.querySelector("#chaos");

/** What an effect does not use is hidden and not sent. */
function fit(form) {
  const effect = form.elements.effect.value;
  for (const part of form.querySelectorAll("[data-uses]")) {
    const used = part.dataset.uses.split(" ").includes(effect) || part.querySelector(".field-error");
    part.hidden = !used;
    for (const field of part.querySelectorAll("input, select")) field.disabled = !used;
  }
}

section?.addEventListener("input", (event) => {
  const field = event.target;
  if (field.type === "range") {
    const words = `${field.value}%`;
    field.setAttribute("aria-valuetext", words);
    field.parentElement.querySelector("output").textContent = words;
  }
  // not `form.id`: a field of that name hides it
  if (field.getAttribute("form")) field.closest("tr").classList.add("is-changed");
});

section?.addEventListener("change", (event) => {
  if (event.target.id === "rule-effect") fit(event.target.form);
});

const form = section?.querySelector("#rule-form");
if (form) fit(form);
