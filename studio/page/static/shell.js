// Drawers, dark and light, and the keyboard.
import { $ } from "/static/dom.js";

const DRAWERS = { "history-open": ["show-history", "history"], "team-open": ["show-team", "team-drawer"] };
const narrow = matchMedia("(max-width: 1100px)");

export function setUpShell({ newTalk, stop }) {
  theme();
  const body = document.body.classList;
  const close = () => body.remove("history-open", "team-open");
  $("show-history").addEventListener("click", () => body.toggle("history-open"));
  $("show-team").addEventListener("click", () => body.toggle("team-open"));
  for (const each of [$("veil"), ...document.querySelectorAll(".close")]) each.addEventListener("click", close);
  $("threads").addEventListener("click", (e) => { if (e.target.closest("a")) close(); });
  $("new").addEventListener("click", () => { close(); newTalk(); $("question").focus(); });
  $("new-here").addEventListener("click", newTalk);
  $("skip").addEventListener("click", (e) => { e.preventDefault(); $("question").focus(); });
  drawers();
  settings();
  $("knobs").addEventListener("submit", (e) => e.preventDefault());
  addEventListener("keydown", (e) => {
    if (e.key === "Escape") {
      if (document.querySelector("#menu:popover-open")) return;
      if (body.contains("history-open") || body.contains("team-open")) close();
      else if (!$("knobs").hidden) $("show-knobs").click();
      else stop();
    } else if (e.key.toLowerCase() === "o" && e.shiftKey && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      newTalk();
    } else if (e.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) {
      e.preventDefault();
      $("question").focus();
    }
  });
}

/** The settings close at a click beside them, as a menu does; the menu of graphs changes what they show. */
function settings() {
  const [form, opener] = [$("knobs"), $("show-knobs")];
  const show = (is) => { form.hidden = !is; opener.setAttribute("aria-expanded", String(is)); };
  opener.addEventListener("click", () => show(form.hidden));
  addEventListener("pointerdown", ({ target }) => {
    if (!form.hidden && !form.contains(target) && !opener.contains(target) && !target.closest("header.bar")) show(false);
  });
}

/** A drawer that opens or closes takes the focus or gives it back; what lies below is out of reach. */
function drawers() {
  let before = [];
  const follow = () => {
    const open = Object.keys(DRAWERS).filter((name) => document.body.classList.contains(name) && narrow.matches);
    document.querySelector("main").inert = open.length > 0;
    for (const [name, [opener, drawer]] of Object.entries(DRAWERS)) {
      const is = open.includes(name);
      $(opener).setAttribute("aria-expanded", String(is));
      if (is && !before.includes(name)) $(drawer).focus();
      if (!is && before.includes(name)) $(opener).focus();
    }
    before = open;
  };
  new MutationObserver(follow).observe(document.body, { attributeFilter: ["class"] });
  narrow.addEventListener("change", () => { document.body.classList.remove("history-open", "team-open"); follow(); });
}

function theme() {
  const root = document.documentElement;
  const kept = localStorage.getItem("theme");
  if (kept) root.dataset.theme = kept;
  $("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  });
}
