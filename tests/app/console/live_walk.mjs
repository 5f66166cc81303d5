// Walks of live.js with a clock, a stream and a server of our own; prints what the page was told.
const told = [];
let now = 0, timers = [], id = 0;
globalThis.setTimeout = (call, ms = 0) => (timers.push({ id: ++id, at: now + ms, call }), id);
globalThis.clearTimeout = (gone) => { timers = timers.filter((one) => one.id !== gone); };
globalThis.setInterval = () => 0;
globalThis.clearInterval = () => {};
Math.random = () => 1;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
globalThis.addEventListener = globalThis.removeEventListener = () => {};
const settle = async () => { for (let n = 0; n < 30; n++) await null; };
async function pass(ms) {
  const end = now + ms;
  for (;;) {
    const due = timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
    if (!due) break;
    timers = timers.filter((one) => one !== due);
    now = due.at;
    due.call();
    await settle();
  }
  now = end;
}
const streams = [], asked = [];
globalThis.EventSource = class {
  constructor(url) { this.url = url; this.on = {}; this.readyState = 0; streams.push(this); }
  addEventListener(kind, use) { this.on[kind] = use; }
  close() { this.readyState = 2; }
  say(kind, data) { this.readyState = 1; this.on[kind]({ data: JSON.stringify(data) }); }
};
let answer = () => ({ status: 500 });
globalThis.fetch = async (url) => {
  asked.push(url);
  const found = answer(url);
  if (found instanceof Error) throw found;
  return { ok: found.status === 200, status: found.status, json: async () => found.body };
};
const { connect } = await import(process.argv[2]);
const link = connect({
  after: 5,
  onChange: (changes) => told.push(changes.map((one) => one.seq)),
  onPresence: (who) => told.push(["who", Object.keys(who)]),
  onGap: () => told.push("gap"),
  onState: (state) => told.push(state),
});
const newest = () => streams[streams.length - 1];
// live; two changes of one moment are one call, the second time they are nothing
newest().say("hello", { sequence: 5 });
newest().say("change", { seq: 6 });
newest().say("change", { seq: 7 });
newest().say("change", { seq: 7 });
newest().say("presence", { threads: { t: [] } });
await pass(50);
// cut: it asks from the same number, and comes back to the stream after it
answer = (url) => ({ status: 200, body: url.endsWith("=7")
  ? { items: [{ seq: 8 }], next: 9, more: false, gap: false, presence: {} }
  : { items: [], next: 9, more: false, gap: false, presence: {} } });
newest().onerror();
await settle();
await pass(900);
await pass(200);
const again = newest().url;
newest().say("hello", { sequence: 9 });
newest().say("change", { seq: 10 });
await pass(5_000);
const quiet = asked.length;
// silence: the line is dead though nothing broke; the server cannot be reached either
answer = () => new Error("refused");
await pass(40_000);
await pass(60_000);
// the server is back with another history
answer = (url) => ({ status: 200, body:
  { items: [], next: 3, more: false, gap: !url.endsWith("=3"), presence: {} } });
await pass(30_000);
// logged out
answer = () => ({ status: 401 });
await pass(30_000);
console.log(JSON.stringify({ told, again, quiet, asked: asked.slice(0, 2), seq: link.seq,
  left: timers.length, state: link.state }));
