// The menu of graphs, and up to two more that answer the same question beside the chosen one.
import { $, button, h, kept } from "/static/dom.js";
import { METHODS } from "/static/words.js";

const MOST = 3;
let models = [];
let also = [];
let changed = () => {};

export const all = () => models;
export const model = () => models.find((m) => m.name === $("model").value) || models[0];
/** The chosen graphs, the first one first. */
export const chosen = () => [model(), ...also.map((name) => models.find((m) => m.name === name)).filter(Boolean)];
export const methodOf = (id) => models.find((m) => m.name === id)?.method;
export const name = (id) => models.find((m) => m.name === id)?.title || id;

export function choose(id) {
  if (models.some((m) => m.name === id)) $("model").value = id;
}

/** Fill the menu; `tell` is called when the choice changes. */
export function setUpGraphs(all, tell) {
  models = all;
  changed = tell;
  $("model").replaceChildren(...options());
  choose(kept("model", null));
  $("model").addEventListener("change", () => {
    localStorage.setItem("model", JSON.stringify(model().name));
    tell();
  });
  $("compare").addEventListener("click", () => {
    const unused = models.find((m) => m.method !== model().method && !also.includes(m.name)) || models[0];
    also = [...also, unused.name];
    drawAlso();
    $("also").querySelector("label:last-of-type select").focus();
  });
  drawAlso();
}

function options(picked) {
  const groups = new Map();
  for (const m of models) groups.set(m.method, [...(groups.get(m.method) || []), m]);
  return [...groups].map(([method, each]) => h("optgroup", { label: METHODS[method] || method },
    each.map((m) => h("option", { value: m.name, title: m.about, selected: m.name === picked }, m.title))));
}

function drawAlso() {
  const set = (place, value) => {
    also = value ? also.with(place, value) : also.toSpliced(place, 1);
    drawAlso();
    if (!value) $("compare").focus();
  };
  $("also").hidden = !also.length;
  $("also").replaceChildren(...(also.length ? [h("span", { class: "remark" }, "Beside it:")] : []),
    ...also.map((picked, place) => h("label", {},
      h("select", { "aria-label": `Graph ${place + 2} of the comparison`, onchange: (e) => set(place, e.target.value) }, options(picked)),
      button("×", () => set(place, null), { "aria-label": "Take it out of the comparison" }))));
  $("compare").disabled = also.length >= MOST - 1;
  changed();
}
