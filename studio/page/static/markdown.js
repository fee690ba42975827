// Render a model's Markdown, code and mathematics so that nothing in it can run.
//
// Marked makes HTML, DOMPurify keeps only the tags and attributes listed here, and Temml renders the
// mathematics. The page's Content-Security-Policy is the last defence.
/* global DOMPurify, temml */
import { dress } from "/static/code.js";
import { footnotes } from "/static/footnotes.js";
import { Marked } from "/static/vendor/marked.js";

const TAGS = [
  "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "b", "i", "del", "sub", "sup",
  "blockquote", "ul", "ol", "li", "pre", "code", "table", "thead", "tbody", "tr", "th", "td", "a", "span",
  "details", "summary", "kbd", "mark", "ins", "s", "u", "dl", "dt", "dd",
];
const ATTRIBUTES = ["href", "title", "start", "colspan", "rowspan", "data-tex", "data-display", "data-language", "data-note", "data-kind", "open", "align"];
const LIMIT = 200_000;

const math = [
  { name: "mathBlock", level: "block", display: true,
    start: (text) => text.match(/\$\$|\\\[/)?.index,
    pattern: /^(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])/ },
  { name: "mathInline", level: "inline", display: false,
    start: (text) => text.match(/\$|\\\(|\\\[/)?.index,
    pattern: /^(?:\$\$([^$]+?)\$\$|\\\(([\s\S]+?)\\\)|\\\[([\s\S]+?)\\\]|\$(?!\s)((?:\\.|[^$\n\\])+?)(?<!\s)\$(?!\d))/ },
].map(({ name, level, start, pattern, display }) => ({
  name, level, start,
  tokenizer(text) {
    const found = pattern.exec(text);
    if (!found) return undefined;
    const tex = found.slice(1).find((part) => part !== undefined);
    const shown = display || /^(\$\$|\\\[)/.test(found[0]);
    return { type: name, raw: found[0], tex, shown };
  },
  renderer: (token) =>
    `<span data-tex="${escaped(token.tex)}"${token.shown ? ' data-display="1"' : ""}></span>`,
}));

// A reference to a footnote, as footnotes.js numbers them.
const reference = {
  name: "footnote", level: "inline",
  start: (text) => text.indexOf("[^"),
  tokenizer(text) {
    const found = /^\[\^([^\]\s]{1,60})\]/.exec(text);
    return found ? { type: "footnote", raw: found[0], label: found[1] } : undefined;
  },
  renderer: ({ label }) => `<sup data-note="${escaped(label)}">${escaped(label)}</sup>`,
};

const marked = new Marked({ gfm: true, breaks: true, extensions: undefined });
const LETTER = /[\p{L}\p{N}]/u;
marked.use({
  extensions: [...math, reference],
  tokenizer: {
    // One tilde means "about", as in ~5-~10; two strike out.
    del: (src) => (/^~~(?!~)/.test(src) ? false : undefined),
    // A star between digits or letters multiplies, as in 3*8+5*2; it is no emphasis.
    emStrong: (src, _masked, before = "") =>
      LETTER.test(before) && src[0] === "*" && LETTER.test(src[1] || "") ? undefined : false,
  },
  renderer: {
    // Nothing is fetched from other hosts: an image is a link to it.
    image({ href, text }) {
      return `<a href="${escaped(href)}">Image: ${escaped(text || href)}</a>`;
    },
    checkbox: ({ checked }) => `<span data-kind="${checked ? "done" : "open"}">${checked ? "☑" : "☐"}</span> `,
    code({ text, lang }) {
      const language = (lang || "").trim().split(/\s/)[0];
      return `<pre><code${language ? ` data-language="${escaped(language)}"` : ""}>${escaped(text)}\n</code></pre>`;
    },
  },
});

/** Render the Markdown `text` into `node`. */
export function render(node, text) {
  let html;
  try {
    const { body, notes } = footnotes(text.slice(0, LIMIT));
    html = marked.parse(body + notes);
  } catch {
    node.textContent = text;
    return;
  }
  const clean = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS, ALLOWED_ATTR: ATTRIBUTES, ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i, RETURN_DOM_FRAGMENT: true,
    ADD_URI_SAFE_ATTR: ["data-tex", "data-display", "data-language", "data-note", "data-kind", "start", "colspan", "rowspan", "align"],
  });
  for (const link of clean.querySelectorAll("a")) {
    // The page's own addresses are those of conversations.
    if (link.getAttribute("href")?.startsWith("#")) link.removeAttribute("href");
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
  for (const place of clean.querySelectorAll("[data-tex]")) set(place);
  demote(clean);
  node.replaceChildren(clean);
  dress(node);
}

/** Headings of an answer stand below those of the page. */
function demote(node) {
  for (const heading of node.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const lower = document.createElement(`h${Math.min(6, Number(heading.tagName[1]) + 3)}`);
    lower.dataset.level = heading.tagName[1];
    lower.append(...heading.childNodes);
    heading.replaceWith(lower);
  }
}

function set(place) {
  const tex = place.dataset.tex;
  try {
    temml.render(tex, place, {
      displayMode: place.dataset.display === "1", throwOnError: true, trust: false, maxExpand: 200,
    });
  } catch {
    place.textContent = tex;
  }
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
}
