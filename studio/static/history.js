// The list of conversations.
import { h } from "/static/dom.js";

export function drawHistory(nav, threads, current, { forget }) {
  nav.replaceChildren(...threads.map((t) =>
    h("div", { class: t.id === current ? "thread current" : "thread" },
      h("a", { href: `#${t.id}`, "aria-current": t.id === current ? "page" : null, title: t.title }, t.title),
      h("button", { class: "quiet", "aria-label": `Delete “${t.title}”`, onclick: () => forget(t.id) }, "×"))));
  if (!threads.length) nav.replaceChildren(h("p", { class: "remark" }, "No conversations yet."));
}
