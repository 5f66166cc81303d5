// The sandbox's clock goes on between two readings of the page: elements with `data-now` (ms) and
// `data-rate`. A screen reader hears nothing of it.

const BEAT_MS = 250;
const SEOUL_MS = 9 * 3600 * 1000;
const DAY_MS = 24 * 3600 * 1000;

const seen = new WeakMap();   // when each of them was first seen, in this browser's time

function dayOf(ms, language) {
  const at = { timeZone: "Asia/Seoul", day: "numeric", weekday: "short" };
  if (language === "ko") return new Intl.DateTimeFormat("ko", { ...at, month: "long" }).format(ms);
  const parts = new Intl.DateTimeFormat("en", { ...at, month: "short" }).formatToParts(ms);
  const part = (type) => parts.find((one) => one.type === type).value;
  return `${part("weekday")} ${part("day")} ${part("month")}`;
}

function timeOf(ms) {
  return new Date(ms + SEOUL_MS).toISOString().slice(11, 19);
}

function write(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

function beat() {
  for (const clock of document.querySelectorAll("[data-now]")) {
    const rate = Number(clock.dataset.rate);
    if (!rate) continue;
    if (!seen.has(clock)) seen.set(clock, Date.now());
    const start = Number(clock.dataset.now);
    const ms = Math.floor(start + (Date.now() - seen.get(clock)) * rate);
    write(clock.querySelector("[data-time]"), timeOf(ms));
    const day = Math.floor((ms + SEOUL_MS) / DAY_MS);
    if (day !== Math.floor((start + SEOUL_MS) / DAY_MS)) {
      write(clock.querySelector("[data-day]"), dayOf(ms, document.documentElement.lang));
    }
  }
}

beat();
setInterval(beat, BEAT_MS);
document.addEventListener("swapped", beat);
