// Make elements in one call. Text stays text: nothing here parses HTML.

/** An element with attributes, listeners (on…) and children; null children are left out. */
export function h(tag, attributes = {}, ...children) {
  const svg = ["svg", "circle", "text", "line", "g", "path", "title"].includes(tag);
  const node = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "style") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

/** Copy `text` to the clipboard and show that on the button. */
export async function copy(button, text) {
  await navigator.clipboard?.writeText(text).catch(() => {});
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1200);
}

export const $ = (id) => document.getElementById(id);

/** Run `work` once at the next frame, however often it is requested. */
export function eachFrame(work, pause = 60) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => requestAnimationFrame(() => { waiting = false; work(); }), pause);
  };
}

/** Format a number of tokens, dollars or seconds. */
export const tokens = (n) => (n >= 10000 ? `${(n / 1000).toFixed(1)}k` : `${n}`);
export const dollars = (d) => (d === 0 ? "$0" : d < 0.01 ? `$${d.toPrecision(2)}` : `$${d.toFixed(3)}`);
export const seconds = (s) => (s < 1 ? `${Math.round(s * 1000)} ms` : s < 100 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`);

/** A quiet button. */
export const button = (label, act, attributes = {}) =>
  h("button", { type: "button", class: "quiet", onclick: act, ...attributes }, label);

/** A UUID; browsers have randomUUID only for https and localhost. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/** JSON from the browser's storage, or `other`. */
export function kept(key, other) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? other;
  } catch {
    return other;
  }
}
