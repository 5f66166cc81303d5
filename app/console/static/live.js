// The page's live link: server-sent events that resume, and asking instead where they do not come.
//
//   const link = connect({ after, onChange, onPresence, onGap, onState });
//   const me = present({ thread, csrf }); me.typing("reply"); me.stop();
//
// onChange([{seq, kind, thread, message, case, …}])  ids only, in order, each once; gathered
// onPresence({thread: [{id, name, what}]})           who is where now, all of it
// onGap()                                            changes were missed: draw everything again
// onState("live" | "polling" | "lost" | "out")       out: logged out, nothing comes any more

const STREAM = "/console/live", ASK = "/console/changes";
const GATHER_MS = 40, HIDDEN_MS = 1000; // a hidden page draws less often
const SILENT_MS = 40_000; // the server says something every 15 s
const POLL_MS = 2_000, SLOW_POLL_MS = 15_000, RETRY_MS = 1_000, LONGEST_MS = 30_000;

export function connect({ after, onChange, onPresence, onGap, onState }) {
  let seq = after, state = "", source = null, closed = false, failures = 0, misses = 0;
  let asking = false, polling = 0, retrying = 0, watching = 0, gathering = 0, gathered = [];

  const say = (now) => {
    if (now === state) return;
    state = now;
    onState?.(now);
  };
  const wait = (base, tries) => {
    const ms = Math.min(base * 2 ** tries, LONGEST_MS);
    return ms / 2 + (Math.random() * ms) / 2; // not everybody at once
  };

  function take(change) {
    if (seq !== null && change.seq <= seq) return; // both ways may bring it
    seq = change.seq;
    gathered.push(change);
    gathering ||= setTimeout(hand, document.hidden ? HIDDEN_MS : GATHER_MS);
  }
  function hand() {
    const changes = gathered;
    gathering = 0;
    gathered = [];
    if (changes.length && !closed) onChange?.(changes);
  }
  function missed(now) {
    seq = now;
    onGap?.();
  }

  function open() {
    retrying = 0;
    if (closed) return;
    source = new EventSource(seq === null ? STREAM : `${STREAM}?after=${seq}`);
    const on = (kind, use) =>
      source.addEventListener(kind, (event) => {
        alive();
        use(JSON.parse(event.data));
      });
    on("hello", (told) => {
      seq ??= told.sequence;
      failures = 0;
      stopPolling();
      say("live");
    });
    on("change", take);
    on("presence", (told) => onPresence?.(told.threads));
    on("gap", (told) => missed(told.sequence));
    on("beat", () => {});
    on("end", fail);
    source.onerror = fail;
    alive();
  }
  function alive() {
    clearTimeout(watching);
    watching = setTimeout(fail, SILENT_MS);
  }
  function fail() {
    // the browser would come back by itself, but without telling and not after a refusal
    source?.close();
    source = null;
    clearTimeout(watching);
    if (closed || retrying) return;
    retrying = setTimeout(open, wait(RETRY_MS, failures++));
    if (!polling && !asking) ask();
  }

  async function ask() {
    polling = 0;
    if (closed || asking) return;
    asking = true;
    try {
      const address = seq === null ? ASK : `${ASK}?after=${seq}`;
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.status === 401) return end("out");
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      misses = 0;
      if (told.gap) missed(told.next);
      told.items.forEach(take);
      seq = seq === null ? told.next : Math.max(seq, told.next);
      onPresence?.(told.presence);
      if (state !== "live" || !source) say("polling");
      next(told.more ? 0 : POLL_MS);
    } catch {
      say("lost");
      next(wait(POLL_MS, misses++));
    } finally {
      asking = false;
    }
  }
  function next(ms) {
    const live = source?.readyState === 1 && state === "live";
    if (!closed && !live) polling = setTimeout(ask, Math.min(ms, SLOW_POLL_MS));
  }
  function stopPolling() {
    clearTimeout(polling);
    polling = 0;
  }
  function end(why) {
    closed = true;
    source?.close();
    [polling, retrying, watching, gathering].forEach(clearTimeout);
    if (why) say(why);
  }

  const shown = () => {
    if (!document.hidden && gathering) {
      clearTimeout(gathering);
      hand();
    }
  };
  document.addEventListener("visibilitychange", shown);
  open();
  return {
    get seq() { return seq; },
    get state() { return state; },
    close() {
      document.removeEventListener("visibilitychange", shown);
      end();
    },
  };
}

// Says that this person looks at a thread, and writes in it. Says it again while it is true.
export function present({ thread, csrf, every = 15_000 }) {
  const TYPING_MS = 3_000;
  let last = 0, what = "viewing";
  const post = (path, body, keepalive = false) =>
    fetch(`/console/threads/${thread}/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF": csrf },
      body: JSON.stringify({ what: body }),
      keepalive,
    }).catch(() => {}); // it is said again soon
  const look = () => document.hidden || what !== "viewing" || post("viewing", "viewing");
  const timer = setInterval(look, every);
  const leave = () => post("viewing", "gone", true);
  addEventListener("pagehide", leave);
  look();
  return {
    typing(kind) {
      if (kind === what && Date.now() - last < TYPING_MS) return;
      what = kind;
      last = Date.now();
      post("typing", kind);
    },
    still() {
      if (what === "viewing") return;
      what = "viewing";
      post("typing", "gone");
    },
    stop() {
      clearInterval(timer);
      removeEventListener("pagehide", leave);
      leave();
    },
  };
}
