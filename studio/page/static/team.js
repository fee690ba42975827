// The team at work: which members were asked, their drafts, the choice and its reasons.
import { card } from "/static/draft.js";
import { dollars, h, seconds, tokens } from "/static/dom.js";
import { methodOf, name as title } from "/static/graphs.js";
import { taskMap } from "/static/map.js";
import { elapsed } from "/static/run.js";
import { failure, outcome, stopped } from "/static/words.js";

let home = { members: [], map: null };

/** Keep the pool's members and the task map. */
export function meet(reply) {
  home = reply;
}

const ROUNDS = new Set(["smoa", "debate"]);
const HUES = [226, 24, 160, 290, 48, 190, 340, 100, 262, 130, 5, 75];

/** A member's colour, by its position in the pool. */
export function hue(member) {
  const place = home.members.findIndex((m) => m.name === member);
  return HUES[(place < 0 ? 7 : place) % HUES.length];
}

/** Show `run` in `node`. */
export function showTeam(node, run, redraw) {
  if (!run) {
    node.replaceChildren(introduction());
    return;
  }
  const parts = [
    summary(run),
    run.routed ? routed(run) : null,
    [...run.layers].sort(([a], [b]) => a - b).map(([n, each]) => layer(run, n, each, redraw)),
    run.vote ? vote(run) : null,
    run.writer ? writer(run.writer, run.result) : null,
    ending(run),
    notes(run),
  ];
  node.replaceChildren(...parts.flat().filter(Boolean));
}

function introduction() {
  return h("section", { class: "intro" },
    h("h2", {}, "The team"),
    h("ul", {}, home.members.map((m) => h("li", {}, name(m.name), h("small", {}, m.model !== m.name ? m.model : "")))),
    h("p", {}, "Ask a question to see here the drafts, the judgements and the vote behind the answer."),
    home.members.length && !home.members.some((m) => m.sees) ? h("p", {}, "No model of this team sees images.") : null);
}

const name = (member) => h("span", { class: "member", style: { "--hue": hue(member) } }, member);

function summary(run) {
  const { result } = run;
  const drafts = [...run.layers.values()].flatMap((l) => [...l.drafts.values()]);
  const [ended, word] = outcome(run);
  const facts = [
    ["time", run.seconds ? seconds(run.seconds) : run.status === "running" ? `${Math.round(elapsed(run))} s` : "–"],
    ["calls", result ? result.calls : run.status === "running" ? `${drafts.length}…` : `${drafts.length}`],
    result ? ["tokens", result.usage ? tokens(result.usage.total_tokens) : "unknown"] : null,
    result ? ["cost", result.cost_usd === null ? "unknown" : dollars(result.cost_usd)] : null,
  ].filter(Boolean);
  return h("section", { class: "summary" },
    h("h2", {}, title(run.model), h("span", { class: `chip ${ended}` }, word)),
    h("dl", {}, facts.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))));
}

function routed(run) {
  const { ranking, picked, position, keywords } = run.routed;
  if (!position) {
    const skills = keywords?.length ? [h("b", {}, "Skills that the question needs: "), `${keywords.join(", ")}. `] : null;
    return h("section", {}, h("h3", {}, "Who is asked"), h("p", { class: "decision" }, skills,
      picked.map((each, n) => [n ? ", " : "", name(each)]), picked.length > 1 ? ` are asked${run.routed.drafting ? "" : ", and a vote decides"}.` : " is asked."));
  }
  const best = Math.max(...ranking.map((r) => r.score), 0.001);
  return h("section", {},
    h("h3", {}, "The question on the task map"),
    home.map ? taskMap(home.map, run.routed, hue) : null,
    h("p", { class: "key" }, h("span", {}, "How well each did on such questions"), h("span", {}, "score, 0 to 1")),
    h("ol", { class: "ranking" }, ranking.slice(0, 6).map((r) =>
      h("li", { class: picked.includes(r.member) ? "picked" : "" },
        name(r.member),
        h("span", { class: "track" }, h("span", { class: "fill", style: { width: `${(100 * r.score) / best}%`, "--hue": hue(r.member) } })),
        h("output", {}, r.score.toFixed(2))))));
}

function layer(run, number, each, redraw) {
  const drafts = [...each.drafts.values()];
  if (!drafts.length) return null;
  const voting = run.routed && !run.routed.drafting;
  const instead = run.writer?.escalated && drafts.every((d) => d.member === run.result?.escalated_to && d.chosen);
  const method = voting ? "Samples" : ROUNDS.has(methodOf(run.model)) ? "Round" : "Layer";
  const ready = drafts.filter((d) => d.status !== "running").length;
  return h("section", {},
    h("h3", {}, instead ? "Asked instead" : voting ? (number > 1 ? `Samples, step ${number}` : method) : `${method} ${number}`,
      h("small", {}, ready < drafts.length ? `${ready} of ${drafts.length}` : "")),
    h("ul", { class: drafts.length > 4 && drafts.every((d) => d.text.length < 90) ? "drafts many" : "drafts" }, drafts.map((d) => card(run, d, name, hue, redraw))),
    each.judged ? (each.judged.text || each.judged.chosen.length ? judged(each.judged) : null) : each.judging ? waiting(each.judging, "compares the drafts") : null,
    each.moderated && each.judged ? h("p", { class: "decision" }, h("b", {}, each.moderated.stopped ? "Stop. " : "Continue. "),
      each.moderated.stopped ? stopped(each.moderated.stopped) : "Another round.", " ", each.moderated.text || "") : null);
}

function judged({ by, text, chosen }) {
  return h("p", { class: "decision" }, h("b", {}, name(by), " judges: "),
    text || `kept ${chosen.length} ${chosen.length === 1 ? "draft" : "drafts"}; the judgement gave no reason.`);
}

const waiting = (member, what) => h("p", { class: "decision running" }, name(member), ` ${what}…`);

function vote(run) {
  const { votes, margin, abstained } = run.vote;
  if (!votes.length) return null;
  const facts = [abstained ? `${abstained} abstained` : null, margin === null ? null : `margin ${Math.round(100 * margin)}%`];
  const most = votes[0].count;
  return h("section", {},
    h("h3", {}, "The vote", h("small", {}, facts.filter(Boolean).join(" · "))),
    h("ol", { class: "ranking votes" }, votes.slice(0, 6).map((v) =>
      h("li", { title: v.members.join(", ") },
        h("span", { class: "answer" }, v.answer),
        h("span", { class: "track" }, h("span", { class: "fill", style: { width: `${(100 * v.count) / most}%`, "--hue": hue(v.members[0]) } })),
        h("output", {}, v.count)))));
}

function writer({ member, status, error, escalated }, result) {
  if (status === "failed") return h("p", { class: "decision trouble", title: error || "" }, name(member), ` ${failure(error)}`);
  const what = { running: " writes the answer…", ok: result?.declined && !escalated ? " wrote an answer that is not sure enough to be given." : " wrote the answer.", cancelled: " was stopped." }[status];
  return h("p", { class: `decision ${status}` }, name(member), what);
}

function ending(run) {
  const reason = run.result?.stopped;
  if (!reason || run.result.declined || run.result.escalated_to || [...run.layers.values()].some((l) => l.moderated)) return null;
  return h("p", { class: "decision" }, stopped(reason));
}

function notes(run) {
  // That a limit is reached is told once.
  const lines = (run.result?.fell_back || []).filter((line) => !/budget does not allow/.test(line));
  if (!lines.length) return null;
  return h("section", { class: "notes" }, h("h3", {}, "What went wrong"),
    h("ul", {}, lines.map((line) => {
      const [who, ...rest] = line.split(": ");
      const why = rest.join(": ");
      return h("li", { title: line }, why && /Error|timed out|empty|see images/.test(why) ? `${who} ${failure(why)}` : line);
    })));
}
