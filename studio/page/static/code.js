// Code blocks of an answer with a language label, highlighting and a copy button; what is too wide
// for the page can be scrolled with the keyboard.
//
// highlight.js and a language's grammar are fetched when the first block of that language is shown;
// an answer without code fetches nothing.
/* global DOMPurify */
import { button, copy, h } from "/static/dom.js";

const NAMES = {
  bash: "bash sh shell zsh console", c: "c h", cpp: "cpp c++ cc hpp", css: "css", diff: "diff patch", go: "go golang",
  java: "java", javascript: "javascript js jsx mjs", json: "json jsonl", python: "python py python3 pycon",
  rust: "rust rs", sql: "sql sqlite postgresql mysql", typescript: "typescript ts tsx", xml: "xml html svg", yaml: "yaml yml",
};
const LANGUAGES = new Map(Object.entries(NAMES).flatMap(([name, all]) => all.split(" ").map((each) => [each, name])));
const LIMIT = 50_000;
const asked = new Map();
let library = null;

/** Decorate every code block in `node`; `data-language` names its language. */
export function dress(node) {
  for (const code of node.querySelectorAll("pre > code")) {
    const name = code.dataset.language || "";
    const text = code.textContent;
    const frame = h("div", { class: "code" },
      h("div", { class: "code-bar" }, h("span", {}, name),
        button("Copy", (e) => copy(e.currentTarget, text))));
    code.parentElement.replaceWith(frame);
    frame.append(code.parentElement);
    scrollable(code.parentElement, name ? `Code, ${name}` : "Code");
  }
  for (const table of node.querySelectorAll("table")) {
    const frame = h("div", { class: "table" });
    table.replaceWith(frame);
    frame.append(table);
    scrollable(frame, "Table");
  }
  for (const formula of node.querySelectorAll("[data-display]")) scrollable(formula, "Formula");
  colour(node);
}

// An element is a stop of the Tab key only while there is something to scroll.
const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const wide = target.scrollWidth > target.clientWidth + 1;
    if (wide) target.setAttribute("tabindex", "0");
    else target.removeAttribute("tabindex");
  }
});

function scrollable(node, label) {
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", label);
  widths.observe(node);
}

function colour(node) {
  for (const code of node.querySelectorAll("pre > code[data-language]:not(.coloured)")) {
    const language = LANGUAGES.get(code.dataset.language.toLowerCase());
    if (!language || code.textContent.length > LIMIT) continue;
    if (!library?.getLanguage(language)) {
      load(language).then(() => colour(node), () => {});
      continue;
    }
    const { value } = library.highlight(code.textContent, { language, ignoreIllegals: true });
    code.replaceChildren(DOMPurify.sanitize(value, {
      ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], ALLOW_DATA_ATTR: false, RETURN_DOM_FRAGMENT: true,
    }));
    code.classList.add("coloured");
  }
}

/** Fetch a grammar, once. */
function load(language) {
  if (!asked.has(language)) {
    asked.set(language, (async () => {
      const [core, grammar] = await Promise.all([
        import("/static/vendor/highlight/core.js"), import(`/static/vendor/highlight/${language}.js`),
      ]);
      library = core.default;
      library.registerLanguage(language, grammar.default);
    })());
  }
  return asked.get(language);
}
