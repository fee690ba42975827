// Follow a turn until it is over, over any number of broken connections.
import * as api from "/static/api.js";
import { fromStored, tell } from "/static/run.js";

const PAUSES = [300, 1000, 2000, 4000, 8000];
let wake = () => {};

/** Try at once to connect again. */
export const reconnect = () => wake();
addEventListener("online", reconnect);

const pause = (attempt) => new Promise((done) => {
  const timer = setTimeout(done, PAUSES[Math.min(attempt, PAUSES.length - 1)]);
  wake = () => { clearTimeout(timer); done(); };
});

/**
 * Read `run` until it is over. `begin` starts it or attaches to it; `changed` is called at every news.
 *
 * A connection that breaks is made again, for as long as it takes; a turn that ended meanwhile is
 * read from its thread. An error is thrown only if the server refused the turn, or never got it;
 * `known` says that it has it. When the page turns to another conversation (`left`), the reading
 * ends as soon as the server has the turn: a browser has few connections to a server.
 */
export async function listen(run, begin, changed, left, known = false) {
  let attempt = 0;
  let start = begin;
  for (;;) {
    if (left.aborted && known) return;
    const control = new AbortController();
    const leave = () => { if (known) control.abort(); };
    left.addEventListener("abort", leave);
    try {
      await start((item) => {
        known = true;
        if (left.aborted) control.abort();
        attempt = 0;
        run.lost = false;
        tell(run, item);
        changed(item);
      }, control);
      if (run.status !== "running") return;
    } catch (error) {
      if (left.aborted && known) return;
      if (error.status && error.status !== 404 && !known) throw error;
      if (!(error instanceof api.Problem)) throw error;
    } finally {
      left.removeEventListener("abort", leave);
    }
    const found = await stored(run);
    if (found === "missing") throw new api.Problem("the question did not reach the server", 0);
    if (found && found.status !== "running") {
      Object.assign(run, fromStored(found), { lost: false });
      changed({ kind: "over" });
      return;
    }
    if (!found && !known) throw new api.Problem("the server cannot be reached", 0);
    known = true;
    // Of a turn that another server runs only the end can be read.
    if (!found || attempt) {
      run.lost = !found;
      changed({ kind: "lost" });
      await pause(attempt);
    }
    attempt += 1;
    start = (hear, control) => api.watch(run.id, hear, control);
  }
}

/** What the server has stored of a turn; null if it cannot be reached. */
async function stored(run) {
  try {
    const { turns } = await api.thread(run.thread);
    return turns.find((turn) => turn.id === run.id) || "missing";
  } catch (error) {
    return error.status === 404 ? "missing" : null;
  }
}
