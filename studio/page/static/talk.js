// The open conversation: its turns, those that run, and what is asked next.
import * as api from "/static/api.js";
import * as composer from "/static/composer.js";
import { $, button, eachFrame, kept, uuid } from "/static/dom.js";
import * as graphs from "/static/graphs.js";
import { refreshHistory, showNew, toast } from "/static/history.js";
import { listen, reconnect } from "/static/live.js";
import { end, fromStored, newRun } from "/static/run.js";
import { knobsOf } from "/static/settings.js";
import { announce } from "/static/tabs.js";
import { rows } from "/static/tree.js";
import { drawTurn, freshTurn } from "/static/turn.js";

const NAME = /^[0-9a-f-]{32,36}$/i;
let thread = null;
let title = "";
let system = kept("system", "");
let runs = [];
let chosen = new Map(); // versions and turns of panels that the reader has chosen
let shown = null; // the run whose team is shown; null: the newest
let live = new Set();
let left = new AbortController(); // of the reading of runs of this conversation
let seen = 0; // when the conversation was last changed, as far as this page knows
let following = true; // whether the end of the conversation stays in view
let top = 0; // where the conversation was scrolled to
let nodes = new Map(); // rows of the page by their keys
let hooks = { team() {}, opened() {} };

export const current = () => thread;
const busy = () => live.size > 0;
const path = () => rows(runs, chosen);
/** The run that the team panel shows. */
export const looked = () => shown || [...live].at(-1) || path().at(-1)?.main || null;
export const instructions = {
  system: () => system,
  instruct(text, always) {
    system = text;
    if (always) localStorage.setItem("system", JSON.stringify(text));
    else if (kept("system", "") === text || !text) localStorage.removeItem("system");
    if (runs.length) api.change(thread, { system }).catch((error) => composer.notice(`The instructions are not saved: ${error.message}.`));
    hooks.changed();
  },
};

/** `team()` redraws the panel, `opened()` follows another conversation, `changed()` the settings. */
export function setUpTalk(given) {
  hooks = given;
  $("talk").addEventListener("scroll", scrolled, { passive: true });
  $("jump").addEventListener("click", () => { $("talk").focus({ preventScroll: true }); scroll(true); });
  setInterval(() => { if (busy()) { redraw(); hooks.team(); } }, 1000);
}

const actions = {
  busy, looked, reconnect, redraw: () => draw(),
  name: graphs.name,
  followed: (run) => runs.some((each) => each.parent === run.id),
  look(run) {
    shown = run;
    draw();
    hooks.team();
    hooks.look();
  },
  version(row, version) {
    chosen.set(row.parent, version.key);
    shown = null;
    draw();
    hooks.team();
  },
  goOn(row, run) {
    chosen.set(row.key, run.id);
    draw();
  },
  askAgain(row, question) {
    ask({ question, images: row.runs[0].images || [] }, row.parent, row.runs.length);
  },
  resume(run) {
    run.status = "running";
    follow(run, (...how) => api.resume(run.id, ...how), true);
  },
};

/** Draw the rows; those that are on the page keep their elements. */
function draw() {
  const now = path();
  const usable = ({ key, runs: each }) => (nodes.get(key)?.children[1].children.length === each.length ? nodes.get(key) : null);
  const fresh = new Map(now.map((row) => [row.key, usable(row) || freshTurn(row)]));
  nodes = fresh;
  const list = [...fresh.values()];
  if (list.length !== $("turns").children.length || list.some((n, i) => n !== $("turns").children[i])) {
    $("turns").replaceChildren(...list);
  }
  for (const row of now) drawTurn(fresh.get(row.key), row, actions);
  document.body.classList.toggle("empty", !now.length);
  document.body.classList.toggle("working", busy());
  $("send").hidden = busy();
  $("stop").hidden = !busy();
  $("title").textContent = title || "New conversation";
  document.title = title ? `${title} · Ensemble` : "Ensemble";
  showJump();
}

const redraw = eachFrame(() => { draw(); scroll(); }, 40);

/** Scroll to the end, unless the reader has scrolled up. */
function scroll(always = false) {
  const talk = $("talk");
  scrolled();
  following ||= always;
  if (following) talk.scrollTop = talk.scrollHeight;
  top = talk.scrollTop;
  showJump();
}

/** Whether the end is in view, or nearly. */
function near() {
  const talk = $("talk");
  return talk.scrollHeight - talk.scrollTop - talk.clientHeight < 140;
}

/** Only the reader scrolls up: an answer that grows faster than it is drawn is followed on. */
function scrolled() {
  const { scrollTop } = $("talk");
  if (near()) following = true;
  else if (scrollTop < top) following = false;
  top = scrollTop;
  showJump();
}

const showJump = () => { $("jump").hidden = !runs.length || following || near(); };

/** Read a run until it is over; false if the server did not take it. */
async function follow(run, begin, known = false) {
  const mine = thread;
  const { signal } = left;
  live.add(run);
  shown = null;
  draw();
  hooks.team();
  let refused = null;
  await listen(run, begin, (item) => {
    if (item.kind === "turn" && mine === thread) began();
    redraw();
    hooks.team();
  }, signal, known).catch((error) => { refused = error; });
  live.delete(run);
  if (refused) end(run, { status: "failed", error: refused.message });
  if (mine !== thread || signal.aborted) return refused;
  draw();
  scroll();
  hooks.team();
  $("status").textContent = run.status === "done" ? "The answer is complete." : `The answer ${run.status}.`;
  if (!refused) announce(mine);
  refreshHistory();
  return refused;
}

function began() {
  announce(thread);
  if (runs.length === live.size && !title) title = runs[0].question.replace(/\s+/g, " ").slice(0, 80);
  showNew({ id: thread, title, updated: Date.now() / 1000 });
}

/** Ask the chosen graphs; false if it is not possible now. `parent` is the turn before. */
export function ask(asked, parent = path().at(-1)?.main.id || null) {
  if (busy() || !graphs.all().length) return false;
  const mine = thread || uuid();
  open(mine);
  const models = graphs.chosen();
  const panel = models.length > 1 ? uuid() : null;
  const begun = models.map((model) => newRun({
    id: uuid(), thread: mine, parent, panel, model: model.name, knobs: knobsOf(model), ...asked,
  }));
  attempt(begun, asked);
  return true;
}

/** Give a new conversation its name and its address. */
function open(name) {
  if (thread) return;
  thread = name;
  composer.named(name);
  history.pushState(null, "", `#${name}`);
}

async function attempt(begun, asked) {
  const mine = thread;
  const before = runs.length;
  runs.push(...begun);
  for (const run of begun) chosen.set(run.parent, run.panel || run.id);
  draw();
  scroll(true);
  const ended = await Promise.all(begun.map((run) => {
    const { question, images, model, knobs, id, parent, panel } = run;
    const body = { question, images, model, knobs, id, parent, panel, system };
    return follow(run, (...how) => api.ask(mine, body, ...how));
  }));
  const errors = ended.filter(Boolean);
  if (errors.length < begun.length) return;
  if (mine !== thread) {
    composer.keepFor(before ? mine : "new", asked.question);
    toast("A question did not reach the server. It is kept in the box of its conversation.");
    return;
  }
  // Nothing has begun: the question goes back into the box.
  runs = runs.filter((run) => !begun.includes(run));
  chosen.delete(begun[0].parent);
  if (!runs.length) {
    thread = null;
    title = "";
    composer.named("new");
    history.replaceState(null, "", location.pathname);
  }
  draw();
  hooks.team();
  const { status, message } = errors[0];
  const why = status === 409 ? "This conversation is being answered in another tab or on another device."
    : status ? `The question was refused: ${message}.` : "The server cannot be reached.";
  composer.putBack(asked, why, () => {
    if (busy()) composer.putBack(asked, "An answer is still being written.", () => ask(asked));
    // The same ids: what has arrived after all is not asked twice.
    else if ((thread === mine || !runs.length) && status !== 409) open(mine), attempt(begun.map((run) => newRun({ ...run, status: "running", error: null })), asked);
    else ask(asked);
  }, status);
  if (status === 409) sync();
}

/** Stop what runs. */
export async function stop() {
  for (const run of live) await api.stop(run.id).catch(() => {});
}

/** Open a conversation, or with null a new one. */
export async function show(name) {
  const bad = name && !NAME.test(name);
  left.abort();
  left = new AbortController();
  thread = bad ? null : name;
  title = "";
  system = kept("system", "");
  [runs, chosen, shown, live, nodes] = [[], new Map(), null, new Set(), new Map()];
  draw();
  composer.turnTo(thread);
  if (bad) missing();
  if (thread) await sync(true);
  if (thread === name || bad) {
    hooks.opened();
    scroll(true);
    composer.focus();
  }
}

function missing() {
  thread = null;
  history.replaceState(null, "", location.pathname);
  composer.notice("There is no such conversation. It may have been deleted.");
}

/** Whether the conversation has changed since this page read it. */
export const changedSince = (updated) => !busy() && updated > seen;

/** Read the conversation: turns of other tabs appear, and those that run are followed. */
export async function sync(first = false) {
  const mine = thread;
  if (!mine) return;
  let whole;
  try {
    whole = await api.thread(mine);
  } catch (error) {
    if (mine !== thread) return;
    if (error.status === 404) { if (first || (runs.length && !busy())) { runs = []; missing(); draw(); hooks.opened(); } }
    else if (first) composer.notice("The server cannot be reached. ", button("Try again", () => show(mine)));
    return;
  }
  if (mine !== thread) return;
  ({ title, system, updated: seen } = whole);
  for (const turn of whole.turns) {
    const known = runs.find((run) => run.id === turn.id);
    if (known && (live.has(known) || known.status === turn.status)) continue;
    const run = known ? Object.assign(known, fromStored(turn)) : fromStored(turn);
    if (!known) runs.push(run);
    if (run.status === "running") follow(run, (...how) => api.watch(run.id, ...how), true);
  }
  if (first && runs.length) graphs.choose(path().at(-1).main.model);
  draw();
  hooks.team();
  if (!first) scroll();
}

