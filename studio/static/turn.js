// One turn of the conversation: the question, the answer, and how it ended.
import { copy, dollars, h, seconds, tokens } from "/static/dom.js";
import { render } from "/static/markdown.js";
import { doubt, failure } from "/static/words.js";

/** The empty element of a turn. */
export function freshTurn(run, actions) {
  return h("article", { class: "turn" },
    h("div", { class: "question" }, run.question),
    h("div", { class: "answer" }),
    h("footer", {}));
}

/** Update a turn. */
export function drawTurn(node, run, actions) {
  const [, answer, footer] = node.children;
  node.classList.toggle("running", run.status === "running");
  if (run.text) {
    // Redrawn only if it has changed, so that a reader's selection stays.
    if (answer.said !== run.text) render(answer, run.text);
    answer.said = run.text;
  } else if (run.status === "running") {
    answer.replaceChildren(h("p", { class: "progress" }, progress(run)));
    answer.said = null;
  } else {
    answer.replaceChildren();
    answer.said = null;
  }
  footer.replaceChildren(...ending(run, actions));
}

/** The progress before the first word of the answer. */
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

function ending(run, actions) {
  if (run.status === "running") return [];
  const parts = [h("button", { class: "quiet", title: "Show how this answer came about", onclick: () => actions.look(run) }, facts(run))];
  if (run.status === "done") {
    const note = doubt(run.result);
    if (note) parts.unshift(h("p", { class: "unsure" }, h("span", { class: "chip" }, note.label), " ", note.line));
    parts.push(h("button", { class: "quiet", onclick: (e) => copy(e.currentTarget, run.text) }, "Copy"));
    return parts;
  }
  const words = {
    stopped: "Stopped.",
    interrupted: "The server stopped in the middle of this answer.",
    failed: plain(run.error),
  }[run.status];
  const again = h("button", { class: "quiet", onclick: () => actions.again(run) }, run.status === "failed" ? "Try again" : "Continue");
  return [h("p", { class: run.status === "failed" ? "problem" : "remark" }, words, run.id ? again : null), ...parts];
}

function facts(run) {
  const { result } = run;
  return [
    run.model,
    run.seconds ? seconds(run.seconds) : null,
    result?.usage ? `${tokens(result.usage.total_tokens)} tokens` : null,
    result && result.cost_usd !== null ? dollars(result.cost_usd) : null,
  ].filter(Boolean).join(" · ");
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
