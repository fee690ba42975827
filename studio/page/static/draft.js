// A draft on the team panel: its beginning, or all of it as Markdown.
import { h, seconds, tokens } from "/static/dom.js";
import { render } from "/static/markdown.js";
import { calls, failure } from "/static/words.js";

const open = new Set();
const rendered = new Map(); // the texts of open drafts, which are rendered only when they change

/** The card of draft `d`; `name` and `hue` show its member. */
export function card(run, d, name, hue, redraw) {
  const id = `${run.id}:${d.key}`;
  const is = open.has(id);
  const told = ["failed", "cancelled", "empty", "skipped"].includes(d.status);
  const turn = () => { if (!open.delete(id)) open.add(id); redraw(); };
  const text = d.text || calls(d);
  const facts = [
    d.usage ? h("span", {}, `${tokens(d.usage.output_tokens)} tokens · `) : null,
    d.latency_ms ? seconds(d.latency_ms / 1000) : null,
  ];
  return h("li", { class: `draft ${d.status}${d.chosen ? " chosen" : ""}${is ? " open" : ""}`, "data-key": d.key, style: { "--hue": hue(d.member) } },
    h("button", { type: "button", "aria-expanded": String(is), onclick: turn },
      h("span", { class: "head" },
        name(d.member),
        d.chosen ? h("span", { class: "mark" }, mark(run)) : null,
        h("small", {}, facts)),
      d.role ? h("span", { class: "role" }, d.role) : null,
      told ? h("span", { class: "trouble" }, excuse(d)) : null,
      told && is && d.error ? h("span", { class: "text" }, d.error) : null,
      is || (told && !text) ? null : h("span", { class: "text" }, glance(text) || "…")),
    is && text ? whole(id, text) : null);
}

const excuse = ({ status, error }) => {
  if (error) return failure(error);
  return { cancelled: "stopped", skipped: "was not asked" }[status] || failure(error);
};

const mark = (run) => (run.result?.declined ? "best guess" : run.routed && !run.routed.drafting ? "won" : "kept");

function whole(id, text) {
  const before = rendered.get(id);
  if (before?.text === text) return before.node;
  const node = before?.node || h("div", { class: "text prose" });
  render(node, text);
  rendered.set(id, { text, node });
  return node;
}

/** The beginning of a draft without Markdown's marks. */
const glance = (text) =>
  text.slice(0, 600).replace(/^\|?[ :|-]*-[ :|-]*$\n?/gm, "").replace(/^\||\|$/gm, "").replace(/ *\| */g, " · ").replace(/^\s*[-*] (\[[ x]\] )?/gm, "").replace(/!?\[([^\]^]*)\]\([^)]*\)/g, "$1").replace(/\[\^[^\]]*\]:?/g, "").replace(/```\w*|`|\*\*|^#+ |(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)/gm, "").replace(/\s+/g, " ");
