// One question of the conversation with its answer, or with several side by side.
import { button, copy, dollars, h, seconds, tokens } from "/static/dom.js";
import { hue } from "/static/team.js";
import { render } from "/static/markdown.js";
import { elapsed } from "/static/run.js";
import { calls, cutShort, doubt, failure } from "/static/words.js";

const LONG = 900;
const LINES = 12;

/** The empty element of a row. */
export function freshTurn(row) {
  const article = h("article", { class: "turn" },
    h("div", { class: "asked" }),
    h("div", { class: "replies" }, row.runs.map(() => h("section", { class: "reply" },
      h("h3", { class: "author" }), h("div", { class: "answer prose" }), h("footer", {})))));
  if (row.runs.length > 1) article.classList.add("panel");
  return article;
}

/** Update a row; `actions` has what its buttons do and what is looked at. */
export function drawTurn(node, row, actions) {
  const [asked, replies] = node.children;
  node.classList.toggle("running", row.runs.some((run) => run.status === "running"));
  const state = [row.key, row.place, row.all.length, actions.busy()].join();
  if (asked.state !== state && !asked.querySelector("form")) {
    asked.replaceChildren(...question(row, asked, actions));
    asked.state = state;
  }
  row.runs.forEach((run, place) => drawReply(replies.children[place], run, row, actions));
}

function question(row, asked, actions) {
  const [run] = row.runs;
  const long = run.question.length > LONG || run.question.split("\n").length > LINES;
  const bubble = h("div", { class: long ? "question folded" : "question" }, run.question,
    (run.images || []).map((source, n) => h("img", { src: source, alt: `Image ${n + 1} of the question` })));
  const unfold = () => {
    const folded = bubble.classList.toggle("folded");
    more.textContent = folded ? "Show all" : "Show less";
    more.setAttribute("aria-expanded", String(!folded));
  };
  const more = button("Show all", unfold, { "aria-expanded": "false" });
  const { place, all } = row;
  const go = (step) => button(step < 0 ? "‹" : "›", () => actions.version(row, all[place + step]), {
    "aria-label": step < 0 ? "Earlier version" : "Later version", disabled: !all[place + step],
  });
  return [
    h("h2", { class: "unseen" }, "You asked"), bubble,
    h("div", { class: "tools" },
      long ? more : null,
      all.length > 1 ? h("span", { class: "versions" }, go(-1), `${place + 1} / ${all.length}`, go(1)) : null,
      actions.busy() ? null : button("Edit", () => edit(row, asked, actions), { title: "Change the question and ask again" })),
  ];
}

/** Put a form in place of the question. */
function edit(row, asked, actions) {
  const [run] = row.runs;
  const box = h("textarea", { "aria-label": "Your question", rows: Math.min(10, run.question.split("\n").length + Math.ceil(run.question.length / 80)) });
  box.value = run.question;
  const close = () => {
    form.remove();
    asked.state = null;
    actions.redraw();
    asked.querySelector(".tools button:last-child")?.focus();
  };
  const form = h("form", { class: "edit", onsubmit: (e) => {
    e.preventDefault();
    const changed = box.value.trim();
    if (changed) { close(); actions.askAgain(row, changed); }
  } },
    box, h("div", { class: "tools" }, button("Cancel", close), h("button", { type: "submit" }, "Ask")));
  box.addEventListener("keydown", (e) => {
    if (e.key === "Escape") { e.stopPropagation(); close(); }
    else if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); form.requestSubmit(); }
  });
  asked.replaceChildren(h("h2", { class: "unseen" }, "You asked"), form);
  box.focus();
}

function drawReply(node, run, row, actions) {
  const [author, answer, footer] = node.children;
  const going = row.runs.length > 1 && row.main === run && !actions.busy();
  author.replaceChildren(actions.name(run.model), going ? h("span", { class: "chip" }, "continues here") : "");
  node.classList.toggle("running", run.status === "running");
  node.classList.toggle("looked", run === actions.looked());
  if (run.text) {
    // Redrawn only if it has changed, so that a reader's selection stays.
    if (answer.said !== run.text) render(answer, run.text);
    answer.said = run.text;
  } else {
    if (run.status === "running") showProgress(answer, run, actions);
    else answer.replaceChildren();
    answer.said = null;
  }
  const state = [run.status, run.lost, run.error, run.seconds, actions.busy(), going, actions.followed(run)].join();
  if (footer.state === state) return;
  footer.replaceChildren(...ending(run, row, actions));
  footer.state = state;
}

/** What happens before the first word of the answer; the team stays pressable while it works. */
function showProgress(answer, run, actions) {
  const drafts = [...([...run.layers.values()].at(-1)?.drafts.values() || [])];
  const time = Math.round(elapsed(run));
  const line = h("p", { class: "progress" }, progress(run), time >= 1 ? h("span", { class: "time" }, ` ${time} s`) : null);
  const state = drafts.map((d) => d.key + d.status).join();
  const strip = answer.querySelector(".strip");
  if (strip && strip.state === state) {
    answer.firstChild.replaceWith(line);
    return;
  }
  answer.replaceChildren(line);
  if (!drafts.length) return;
  const fresh = h("button", { class: "strip", type: "button", onclick: () => actions.look(run), title: "Show the team at work" },
    drafts.map((d) => h("span", { class: `dot ${d.status}`, style: { "--hue": hue(d.member) } }, d.member)));
  fresh.state = state;
  answer.append(fresh);
}

function progress(run) {
  if (run.writer?.escalated) return `The team is not sure: ${run.writer.member} is asked…`;
  if (run.writer) return `${run.writer.member} reads the drafts…`;
  const drafts = [...run.layers.values()].at(-1)?.drafts;
  if (!drafts?.size) return "Starting…";
  const ready = [...drafts.values()].filter((d) => d.status !== "running").length;
  const judging = [...run.layers.values()].at(-1).judging;
  if (ready === drafts.size && judging) return `${judging} compares ${ready} drafts…`;
  return `${ready} of ${drafts.size} drafts are in…`;
}

function ending(run, row, actions) {
  if (run.lost) {
    return [h("p", { class: "remark" }, "The connection is lost; the answer is being written on. Connecting again… ",
      button("Try now", actions.reconnect))];
  }
  if (run.status === "running") return [];
  const parts = [button(facts(run), () => actions.look(run), { title: "Show how this answer came about" })];
  if (run.text) parts.push(button("Copy", (e) => copy(e.currentTarget, run.text)));
  // A failed run has "Try again".
  if (!actions.busy() && !(run.status === "failed" && retried(run, actions))) parts.push(button("Ask again", () => actions.askAgain(row, row.runs[0].question), { title: "Ask the same question again, of the graph that is chosen above" }));
  if (row.runs.length > 1 && row.main !== run && run.text) parts.push(button("Continue with this", () => actions.goOn(row, run)));
  if (run.status === "done") {
    const note = doubt(run.result);
    const cut = cutShort(run.result);
    if (cut) parts.unshift(h("p", { class: "remark" }, cut));
    if (note) parts.unshift(h("p", { class: "unsure" }, h("span", { class: "chip" }, note.label), " ", note.line));
    if (!run.text) parts.unshift(h("p", { class: "remark" }, called(run) || "The answer is empty."));
    return parts;
  }
  const words = {
    stopped: "Stopped.",
    interrupted: "The server stopped in the middle of this answer.",
    failed: plain(run.error),
  }[run.status];
  const again = button(run.status === "failed" ? "Try again" : "Continue", () => actions.resume(run), { disabled: actions.busy() });
  return [h("p", { class: run.status === "failed" ? "problem" : "remark" }, words, retried(run, actions) ? again : null), ...parts];
}

/** Whether a run that is not done can go on or start again. */
const retried = (run, actions) => run.began && !actions.followed(run);

/** An answer that only calls tools. */
function called(run) {
  const drafts = [...run.layers.values()].flatMap((l) => [...l.drafts.values()]);
  const said = calls(drafts.find((d) => d.chosen && d.calls?.length));
  return said ? `The answer ${said}` : null;
}

function facts(run) {
  const { result } = run;
  return [
    run.seconds ? seconds(run.seconds) : null,
    result?.usage ? `${tokens(result.usage.total_tokens)} tokens` : null,
    result && result.cost_usd !== null ? dollars(result.cost_usd) : null,
  ].filter(Boolean).join(" · ") || "Details";
}

/** A failed run in plain words, with each member's failure if the server listed it. */
function plain(error) {
  const listed = /no member gave a usable answer \((.*)\)$/.exec(error || "");
  if (!listed) return error ? `${error[0].toUpperCase()}${error.slice(1)}.` : "The run failed.";
  const each = listed[1].split("; ").map((line) => {
    const [who, ...why] = line.split(": ");
    return `${who} ${failure(why.join(": "))}`;
  });
  return `No member could answer: ${each.join("; ")}.`;
}
