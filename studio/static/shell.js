// Drawers, dark and light, and the keyboard.
import { $ } from "/static/dom.js";

export function setUpShell({ newTalk, stop }) {
  theme();
  const body = document.body.classList;
  const close = () => body.remove("history-open", "team-open");
  $("show-history").addEventListener("click", () => body.toggle("history-open"));
  $("show-team").addEventListener("click", () => body.toggle("team-open"));
  $("veil").addEventListener("click", close);
  $("threads").addEventListener("click", (e) => { if (e.target.closest("a")) close(); });
  $("new").addEventListener("click", () => { close(); newTalk(); });
  $("show-knobs").addEventListener("click", () => {
    $("knobs").hidden = !$("knobs").hidden;
    $("show-knobs").setAttribute("aria-expanded", String(!$("knobs").hidden));
  });
  $("knobs").addEventListener("submit", (e) => e.preventDefault());
  addEventListener("keydown", (e) => {
    if (e.key === "Escape") {
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
