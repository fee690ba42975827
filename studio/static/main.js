// The page: conversations on the left, the current one in the middle, the team on the right.
import * as api from "/static/api.js";
import { $, eachFrame, h } from "/static/dom.js";
import { drawKnobs, knobsOf } from "/static/knobs.js";
import { fromStored, newRun, tell } from "/static/run.js";
import { drawHistory } from "/static/history.js";
import { meet, showTeam } from "/static/team.js";
import { drawTurn, freshTurn } from "/static/turn.js";
import { setUpShell } from "/static/shell.js";

const EXAMPLES = [
  "What is the capital of Portugal?",
  "How much is 4821 plus 973?",
  "What is the string 'txii' in reverse?",
];
let models = [];
let thread = null;
let runs = [];
let shown = null; // the run whose team is shown; null: the newest
let live = null; // the run in progress
let pressed = false; // a redraw must not remove a button while it is pressed

const looked = () => shown || runs.at(-1) || null;
const model = () => models.find((m) => m.name === $("model").value) || models[0];

const redrawTeam = eachFrame(() => {
  if (pressed) return;
  const held = document.activeElement?.closest("#team .draft")?.dataset.key;
  showTeam($("team"), looked(), redrawTeam);
  if (held) $("team").querySelector(`[data-key="${CSS.escape(held)}"] button`)?.focus();
});

const redrawLive = eachFrame(() => {
  if (live) drawTurn(live.node, live.run, actions);
  follow();
}, 40);

const actions = {
  look(run) {
    shown = run;
    for (const each of $("turns").children) each.classList.toggle("looked", each === run.node);
    redrawTeam();
    document.body.classList.add("team-open");
  },
  again(run) {
    follow(true);
    listen(run, (hear) => api.resume(run.id, hear), () => {
      const { node } = run;
      Object.assign(run, newRun(run), { node, status: "running", text: "", error: null });
    });
  },
};

/** Scroll to the end, unless the reader has scrolled up. */
function follow(always = false) {
  const talk = $("talk");
  const near = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 140;
  if (near || always) talk.scrollTop = talk.scrollHeight;
}

function add(run) {
  runs.push(run);
  run.node = freshTurn(run, actions);
  $("turns").append(run.node);
  drawTurn(run.node, run, actions);
}

/** Read a run in progress until it is over. */
async function listen(run, begin, prepare = () => {}) {
  prepare();
  live = { run, node: run.node };
  shown = null;
  working(true);
  try {
    await begin((item) => {
      if (item.kind === "turn") run.id = item.data.id;
      tell(run, item);
      redrawLive();
      redrawTeam();
    });
    if (run.status === "running") throw new Error("the connection broke off");
  } catch (error) {
    if (run.status === "running") Object.assign(run, { status: "failed", error: error.message });
  }
  const done = live?.run === run;
  if (done) live = null;
  drawTurn(run.node, run, actions);
  redrawTeam();
  if (done) working(false);
  $("status").textContent = run.status === "done" ? "The answer is complete." : `The answer ${run.status}.`;
  refreshHistory();
}

function working(yes) {
  $("send").hidden = yes;
  $("stop").hidden = !yes;
  document.body.classList.toggle("working", yes);
}

function ask() {
  const question = $("question").value.trim();
  if (!question || live || !models.length) return;
  if (!thread) {
    thread = crypto.randomUUID ? crypto.randomUUID() : uuid();
    history.pushState(null, "", `#${thread}`);
  }
  const knobs = knobsOf(model());
  const run = newRun({ question, model: model().name, knobs });
  document.body.classList.remove("empty");
  add(run);
  $("question").value = "";
  fit();
  follow(true);
  listen(run, (hear) => api.ask(thread, { question, model: run.model, knobs }, hear));
}

/** Browsers have randomUUID only for https and localhost. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

async function stop() {
  if (live?.run.id) await api.stop(live.run.id).catch(() => {});
}

async function show(name) {
  thread = name;
  runs = [];
  live = null;
  shown = null;
  working(false);
  $("turns").replaceChildren();
  document.body.classList.toggle("empty", !name);
  if (name) {
    const turns = await api.turns(name).catch(() => []);
    if (thread !== name) return;
    for (const turn of turns) add(fromStored(turn));
    const last = runs.at(-1);
    if (last && models.some((m) => m.name === last.model)) $("model").value = last.model;
    if (last?.status === "running") {
      Object.assign(last, newRun(last), { status: "running", text: "" });
      listen(last, (hear) => api.watch(last.id, hear));
    }
  }
  knobsChanged();
  drawKnobs($("knobs"), model(), knobsChanged);
  welcome();
  redrawTeam();
  refreshHistory();
  follow(true);
  $("question").focus({ preventScroll: true });
}

async function refreshHistory() {
  const threads = await api.threads().catch(() => null);
  if (!threads) return;
  drawHistory($("threads"), threads, thread, {
    async forget(name) {
      await api.forget(name).catch(() => {});
      if (name === thread) location.hash = "";
      else refreshHistory();
    },
  });
}

/** The description of the chosen graph, and example questions. */
function welcome() {
  const { name, about } = model();
  $("about").replaceChildren(h("b", {}, `${name}: `), about);
  $("examples").replaceChildren(...EXAMPLES.map((question) =>
    h("button", { type: "button", onclick: () => { $("question").value = question; ask(); } }, question)));
}

function knobsChanged() {
  const count = models.length ? Object.keys(knobsOf(model())).length : 0;
  $("show-knobs").textContent = count ? `Knobs · ${count}` : "Knobs";
}

function fit() {
  const box = $("question");
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 240)}px`;
}

async function start() {
  setUpShell({ newTalk: () => { location.hash = ""; if (!thread) $("question").focus(); }, stop });
  $("ask").addEventListener("submit", (e) => { e.preventDefault(); ask(); });
  $("stop").addEventListener("click", stop);
  $("question").addEventListener("input", fit);
  $("question").addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); ask(); }
  });
  $("team").addEventListener("pointerdown", () => { pressed = true; });
  addEventListener("pointerup", () => { pressed = false; redrawTeam(); });
  addEventListener("pointercancel", () => { pressed = false; });
  addEventListener("hashchange", () => show(location.hash.slice(1) || null));
  addEventListener("popstate", () => { const name = location.hash.slice(1) || null; if (name !== thread) show(name); });
  try {
    const reply = await api.models();
    models = reply.models;
    meet(reply);
    const groups = Map.groupBy ? Map.groupBy(models, (m) => m.method) : new Map([["", models]]);
    $("model").replaceChildren(...[...groups].map(([label, each]) => h("optgroup", { label },
      each.map((m) => h("option", { value: m.name, title: m.about }, m.name)))));
    const last = localStorage.getItem("model");
    if (models.some((m) => m.name === last)) $("model").value = last;
    $("model").addEventListener("change", () => {
      localStorage.setItem("model", model().name);
      drawKnobs($("knobs"), model(), knobsChanged);
      knobsChanged();
      welcome();
    });
  } catch (error) {
    $("turns").replaceChildren(h("p", { class: "problem" }, `The server cannot be used: ${error.message}`));
    return;
  }
  await show(location.hash.slice(1) || null);
}

start();
