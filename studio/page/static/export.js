// Save a conversation as Markdown or JSON.
import { h } from "/static/dom.js";
import { rows } from "/static/tree.js";

/** The shown branch as Markdown. */
export function markdown({ title, system, turns }, names, chosen = new Map()) {
  const parts = [`# ${title}`];
  if (system) parts.push(`> Instructions: ${system.replaceAll("\n", "\n> ")}`);
  for (const { runs } of rows(turns, chosen)) {
    parts.push("## You", runs[0].question);
    if (runs[0].images?.length) parts.push(`*${runs[0].images.length} image(s)*`);
    for (const run of runs) {
      parts.push(`## ${names(run.model)}`, run.answer || `*${run.error || run.status}*`);
    }
  }
  return `${parts.join("\n\n")}\n`;
}

/** All branches with their drafts and results. */
export const json = (thread) => `${JSON.stringify(thread, null, 2)}\n`;

/** Let the browser save a text. */
export function save(title, text, ending, type) {
  const name = title.replace(/[^\p{L}\p{N} _-]+/gu, "").trim().slice(0, 60) || "conversation";
  const address = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: address, download: `${name}.${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
