// The page: conversations on the left, the current one in the middle, the team on the right.
import * as api from "/static/api.js";
import * as composer from "/static/composer.js";
import { $, button, eachFrame, h } from "/static/dom.js";
import * as graphs from "/static/graphs.js";
import { refreshHistory, setUpHistory } from "/static/history.js";
import { countSettings, drawSettings } from "/static/settings.js";
import { setUpShell } from "/static/shell.js";
import { announce, onNews } from "/static/tabs.js";
import * as talk from "/static/talk.js";
import { meet, showTeam } from "/static/team.js";
import { METHODS } from "/static/words.js";

let pressed = false; // a redraw must not remove a button while it is pressed
let home = {};

const redrawTeam = eachFrame(() => {
  if (pressed) return;
  const held = document.activeElement?.closest("#team .draft")?.dataset.key;
  showTeam($("team"), talk.looked(), redrawTeam);
  if (held) $("team").querySelector(`[data-key="${CSS.escape(held)}"] button`)?.focus();
});

/** The description of the chosen graph, and example questions. */
function welcome() {
  const { title, about, examples, method } = graphs.model();
  $("about").replaceChildren(h("b", {}, `${title}: `), `${METHODS[method]}.`, h("span", { class: "method" }, about));
  $("examples").replaceChildren(...examples.map((question) =>
    h("button", { type: "button", onclick: () => composer.fill(question) }, question)));
  $("bundled").hidden = !home.bundled;
}

function settingsChanged() {
  countSettings(graphs.model(), talk.instructions.system());
}

function graphChanged() {
  drawSettings($("knobs"), graphs.model(), talk.instructions, settingsChanged);
  settingsChanged();
  welcome();
}

const opened = () => {
  graphChanged();
  redrawTeam();
  refreshHistory();
};

/** Whose key the session has, and the way out of it. */
function signedIn() {
  $("who").hidden = !home.key;
  $("who").replaceChildren(h("span", {}, "Signed in as ", h("b", {}, home.key || "")),
    button("Sign out", () => api.signOut().then(() => location.reload(), (error) => composer.notice(`${error.message}.`))));
}

async function connect() {
  try {
    return await api.models();
  } catch (error) {
    composer.notice(`The server cannot be used: ${error.message}. `,
      button("Try again", () => location.reload()));
    return null;
  }
}

async function start() {
  setUpShell({ newTalk: () => { if (location.hash) location.hash = ""; else talk.show(null); }, stop: talk.stop });
  home = await connect();
  if (!home) return;
  meet(home);
  signedIn();
  talk.setUpTalk({ team: redrawTeam, opened, changed: settingsChanged, look: () => document.body.classList.add("team-open") });
  composer.setUpComposer((asked) => talk.ask(asked), home.members.some((m) => m.sees));
  setUpHistory({ current: talk.current, left: () => { location.hash = ""; }, changed: announce });
  graphs.setUpGraphs(home.models, graphChanged);
  $("stop").addEventListener("click", talk.stop);
  $("team").addEventListener("pointerdown", () => { pressed = true; });
  addEventListener("pointerup", () => { pressed = false; redrawTeam(); });
  addEventListener("pointercancel", () => { pressed = false; });
  const here = () => location.hash.slice(1) || null;
  // Leaving a hash behind is no other conversation.
  const move = () => { if (here() !== talk.current()) talk.show(here()); };
  addEventListener("hashchange", move);
  addEventListener("popstate", move);
  onNews(async (thread) => {
    const known = (await refreshHistory())?.find((each) => each.id === talk.current());
    if (thread ? thread === talk.current() : known && talk.changedSince(known.updated)) talk.sync();
  });
  await talk.show(here());
}

start();
