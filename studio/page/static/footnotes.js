// Footnotes: `[^1]` in the text, `[^1]: …` at the beginning of a line.

const DEFINITION = /^\[\^([^\]\s]{1,60})\]:[ \t]*(.*(?:\n(?: {2,}|\t).*)*)\n?/gm;
const FENCE = /^(```|~~~)[\s\S]*?^\1/gm;

/**
 * Take the definitions out of a text.
 *
 * Returns the text with its references numbered in their order, and the notes as a Markdown list.
 * Definitions that nothing refers to stay where they are, as does everything in code blocks.
 */
export function footnotes(text) {
  if (!text.includes("[^")) return { body: text, notes: "" };
  const fences = [...text.matchAll(FENCE)].map((m) => [m.index, m.index + m[0].length]);
  const inCode = (at) => fences.some(([from, to]) => at >= from && at < to);
  const said = new Map();
  for (const found of text.matchAll(DEFINITION)) {
    if (!inCode(found.index)) said.set(found[1], found[2].replace(/\n[ \t]+/g, " ").trim());
  }
  const order = [];
  for (const { index, 1: label } of text.matchAll(/\[\^([^\]\s]{1,60})\](?!:)/g)) {
    if (said.has(label) && !inCode(index) && !order.includes(label)) order.push(label);
  }
  if (!order.length) return { body: text, notes: "" };
  const body = text
    .replace(DEFINITION, (all, label, _, at) => (order.includes(label) && !inCode(at) ? "" : all))
    .replace(/\[\^([^\]\s]{1,60})\](?!:)/g, (all, label) => (order.includes(label) ? `[^${order.indexOf(label) + 1}]` : all));
  const list = order.map((label, n) => `${n + 1}. ${said.get(label)}`).join("\n");
  return { body, notes: `\n\n---\n\n${list}\n` };
}
