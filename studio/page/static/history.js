// The list of conversations: search, rename, save, delete with undo.
import * as api from "/static/api.js";
import { $, button, h } from "/static/dom.js";
import { name } from "/static/graphs.js";
import { json, markdown, save } from "/static/export.js";

const UNDO = 12_000;
let threads = [];
let renaming = null;
let actions = {};

/** `acts`: current() names the open thread, left() is called when it is deleted, changed(thread). */
export function setUpHistory(acts) {
  actions = acts;
  let timer = null;
  $("search").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refreshHistory, 180);
  });
  $("threads").addEventListener("keydown", walk);
}

/** Tab stops once at each conversation; arrows go to its menu, and to the next one. */
function walk(e) {
  const row = e.target.closest(".thread");
  if (!row || e.target.tagName === "INPUT" || e.altKey || e.ctrlKey || e.metaKey) return;
  const rows = [...$("threads").querySelectorAll(".thread")];
  const [link, menu] = row.children;
  const next = {
    ArrowRight: menu, ArrowLeft: link,
    ArrowDown: rows[rows.indexOf(row) + 1]?.firstChild, ArrowUp: rows[rows.indexOf(row) - 1]?.firstChild,
  }[e.key];
  if (!next) return;
  e.preventDefault();
  next.focus();
}

/** Read the list again; null if that is not possible. */
export async function refreshHistory() {
  const search = $("search").value.trim();
  const found = await api.threads(search).catch(() => null);
  if (!found || search !== $("search").value.trim()) return null;
  threads = found;
  draw(search);
  return threads;
}

/** Show a new thread at once, before the server has written it. */
export function showNew(thread) {
  threads = [thread, ...threads.filter((t) => t.id !== thread.id)];
  draw("");
}

function draw(search) {
  // The name that is being typed stays.
  if (renaming && $("threads").querySelector("form")) return;
  const nodes = [];
  let group = null;
  for (const thread of threads) {
    const day = when(thread.updated);
    if (day !== group) nodes.push(h("h2", {}, day));
    group = day;
    nodes.push(item(thread));
  }
  const none = search ? `No conversation contains “${search}”.` : "No conversations yet.";
  const held = document.activeElement?.closest?.("#threads .thread")?.dataset.id;
  $("threads").replaceChildren(...(nodes.length ? nodes : [h("p", { class: "remark" }, none)]));
  if (held) $("threads").querySelector(`[data-id="${held}"] a`)?.focus({ preventScroll: true });
}

function item(thread) {
  const current = thread.id === actions.current();
  const moment = new Date(thread.updated * 1000);
  return h("div", { class: current ? "thread current" : "thread", "data-id": thread.id },
    h("a", { href: `#${thread.id}`, "aria-current": current ? "page" : null, title: `${thread.title}\n${moment.toLocaleString()}` }, thread.title),
    button("⋯", (e) => openMenu(e.currentTarget, thread), { "aria-label": `Menu of “${thread.title}”`, "aria-haspopup": "true", tabindex: -1 }));
}

/** The day or the month of a moment, as a heading. */
function when(moment) {
  const midnight = new Date().setHours(0, 0, 0, 0) / 1000;
  const days = Math.ceil((midnight - moment) / 86400);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return "Last 7 days";
  return new Date(moment * 1000).toLocaleDateString(undefined, { month: "long", year: "numeric" });
}

function openMenu(opener, thread) {
  const menu = $("menu");
  const act = (label, work) => button(label, () => { menu.hidePopover(); work(); });
  menu.replaceChildren(
    act("Rename", () => rename(thread)),
    act("Save as Markdown", async () => { const whole = await read(thread); if (whole) save(whole.title, markdown(whole, name), "md", "text/markdown"); }),
    act("Save as JSON", async () => { const whole = await read(thread); if (whole) save(whole.title, json(whole), "json", "application/json"); }),
    act("Delete", () => forget(thread)));
  const { left, bottom, top } = opener.getBoundingClientRect();
  const high = innerHeight - bottom < 190;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - 190))}px`;
  menu.style.top = high ? "auto" : `${bottom + 4}px`;
  menu.style.bottom = high ? `${innerHeight - top + 4}px` : "auto";
  menu.showPopover();
  menu.firstChild.focus();
  menu.onkeydown = (e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const each = [...menu.children];
    each[(each.indexOf(document.activeElement) + step + each.length) % each.length].focus();
  };
}

const read = (thread) => api.thread(thread.id).catch((error) => { toast(`It cannot be saved: ${error.message}.`); });

function rename(thread) {
  const node = $("threads").querySelector(`[data-id="${thread.id}"]`);
  const box = h("input", { value: thread.title, "aria-label": "Title of the conversation", maxlength: 200 });
  const finish = async (keep) => {
    if (renaming !== thread.id) return;
    renaming = null;
    const title = box.value.trim();
    if (keep && title && title !== thread.title) {
      await api.change(thread.id, { title }).catch((error) => toast(`It cannot be renamed: ${error.message}.`));
      actions.changed(thread.id);
    }
    node.replaceWith(item(thread));
    refreshHistory();
  };
  renaming = thread.id;
  node.replaceChildren(h("form", { onsubmit: (e) => { e.preventDefault(); finish(true); } }, box));
  box.addEventListener("keydown", (e) => { if (e.key === "Escape") { e.stopPropagation(); finish(false); } });
  box.addEventListener("blur", () => finish(true));
  box.select();
}

async function forget(thread) {
  try {
    await api.forget(thread.id);
  } catch (error) {
    toast(`It cannot be deleted: ${error.message}.`);
    return;
  }
  const open = thread.id === actions.current();
  threads = threads.filter((t) => t.id !== thread.id);
  draw("");
  if (open) actions.left();
  actions.changed(thread.id);
  toast(`“${thread.title.slice(0, 40)}” is deleted.`, button("Undo", async () => {
    toast();
    await api.restore(thread.id).catch((error) => toast(`${error.message}.`));
    actions.changed(thread.id);
    if (open) location.hash = thread.id;
    else refreshHistory();
  }));
}

let timer = null;

/** Show a line for a while, with a button. */
export function toast(text, act) {
  clearTimeout(timer);
  $("toast").hidden = !text;
  $("toast").replaceChildren(...[text, act].filter(Boolean));
  timer = setTimeout(() => { $("toast").hidden = true; }, UNDO);
}
