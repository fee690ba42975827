// Shows the props of a `team` message. Front ends load it with LoadExternalComponent of
// @langchain/langgraph-sdk/react-ui, into a shadow root and with the page's own React.
((place) => {
  const store = window[Symbol.for("LGUI_EXT_STORE")];
  const need = window[Symbol.for("LGUI_REQUIRE")];
  const host = document.getElementById(place);
  if (!store || !need || !host?.shadowRoot) return;
  const React = need("react");
  const h = React.createElement;

  // Colours are the page's own, so that it fits a dark page as well.
  const STYLE = `
    :host { display: block; max-width: 100%; }
    .team { font: inherit; font-size: 0.875rem; line-height: 1.5; color: inherit; }
    .line { margin: 0; opacity: 0.75; overflow-wrap: anywhere; }
    .time { margin-left: 0.5em; font-variant-numeric: tabular-nums; opacity: 0.85; white-space: nowrap; }
    ul { display: flex; flex-wrap: wrap; gap: 0.4em; margin: 0.5em 0 0; padding: 0; list-style: none; }
    li { display: flex; align-items: center; gap: 0.5em; max-width: 100%; box-sizing: border-box;
      padding: 0.15em 0.7em; border-radius: 1em; border: 1px solid color-mix(in srgb, currentColor 22%, transparent); }
    b { font-weight: 500; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    small { font-size: 0.9em; opacity: 0.75; white-space: nowrap; }
    i { flex: none; width: 0.5em; height: 0.5em; box-sizing: border-box; border-radius: 50%; border: 1.5px solid currentColor; opacity: 0.6; }
    [data-state="writing"] i, [data-state="done"] i { background: currentColor; }
    [data-state="done"] i { opacity: 1; }
    [data-state="failed"], [data-state="left"] { border-style: dashed; }
    @media (prefers-reduced-motion: no-preference) {
      [data-state="writing"] i { animation: breathe 1.4s ease-in-out infinite; }
    }
    @keyframes breathe { 50% { opacity: 0.15; } }
  `;

  const STATES = { asked: "asked", writing: "writes", done: "answered", failed: "failed", left: "not waited for" };
  const ROUNDS = { smoa: "Round", debate: "Round", avengers: "Step" };

  const list = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  /** What goes on, in a sentence. */
  function working({ stage, by, failed, layer, method, members = [] }) {
    const who = by || "A model";
    if (failed) return `${who} has failed.`;
    if (stage === "aggregate") return `${who} writes the answer.`;
    if (stage === "escalate") return `The team is not sure, so ${who} is asked.`;
    if (stage === "moderate") return `${who} decides whether another round is needed.`;
    if (stage === "judge") return members.length ? `${who} compares the drafts.` : `${who} decides whom to ask.`;
    if (stage === "roles") return `${who} hands out the roles.`;
    if (stage === "vote") return "The answers are counted.";
    if (!members.length) return "The team begins.";
    const done = members.filter((m) => m.state === "done").length;
    const many = members.length === 1 ? "model has" : "models have";
    const place = layer > 1 ? `${ROUNDS[method] || "Layer"} ${layer}: ` : "";
    return `${place}${done} of ${members.length} ${many} answered.`;
  }

  /** Who was asked, and what came of it. */
  function ended({ method, asked = [], failed = [], kept = [], layers, agree, writer, outcome, instead }) {
    const rounds = layers > 1 && method !== "avengers" ? ` in ${layers} ${ROUNDS[method] ? "rounds" : "layers"}` : "";
    const parts = [`asked ${list(asked)}${rounds}`];
    if (failed.length) parts.push(`${list(failed)} failed`);
    if (kept.length) parts.push(method === "ranker" ? `chose ${list(kept)}` : `kept ${list(kept)}`);
    if (agree && agree[1] > 1) parts.push(`${agree[0]} of ${agree[1]} answers agree`);
    if (outcome === "escalated") parts.push(`they were not sure, so ${instead} answered instead`);
    else if (outcome === "declined") parts.push("they were not sure, so no answer was given");
    else if (writer) parts.push(`${writer} wrote the answer`);
    if (outcome === "unsure") parts.push("the answer is not sure");
    return `${capital(parts.join("; "))}.`;
  }

  const clock = (seconds) => (seconds < 60 ? `${Math.floor(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`);

  function Team(props) {
    const { working: works, seconds = 0, members = [] } = props;
    const [more, tick] = React.useState(0);
    React.useEffect(() => {
      tick(0);
      if (!works) return undefined;
      const since = Date.now();
      const timer = setInterval(() => tick((Date.now() - since) / 1000), 1000);
      return () => clearInterval(timer);
    }, [works, seconds]);
    return h("section", { className: "team", "aria-label": "The team" },
      h("style", null, STYLE),
      h("p", { className: "line" },
        h("span", { role: "status" }, works ? working(props) : ended(props)),
        // Not read aloud: it changes each second.
        h("span", { className: "time", "aria-hidden": true }, clock(seconds + (works ? more : 0)))),
      works && members.length
        ? h("ul", null, members.map(({ member, state }) =>
          h("li", { key: member, "data-state": state, title: member },
            h("i", { "aria-hidden": true }), h("b", null, member), h("small", null, STATES[state] || ""))))
        : null);
  }

  const target = document.createElement("div");
  host.shadowRoot.replaceChildren(target);
  store.respond(place, Team, target);
})("{{shadowRootId}}");
