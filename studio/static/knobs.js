// The knobs of a graph, drawn from its JSON schema. Only changed knobs are sent.
import { h } from "/static/dom.js";

const kept = () => JSON.parse(localStorage.getItem("knobs") || "{}");

/** The changed knobs of `model`. */
export const knobsOf = (model) => kept()[model.name] || {};

function keep(model, name, value) {
  const all = kept();
  const own = { ...all[model.name] };
  if (value === undefined) delete own[name];
  else own[name] = value;
  localStorage.setItem("knobs", JSON.stringify({ ...all, [model.name]: own }));
}

/** Draw the form of `model` into `form`. */
export function drawKnobs(form, model, changed) {
  const own = knobsOf(model);
  const draw = ([name, schema]) => field(name, schema, own[name], (value) => {
    keep(model, name, value);
    changed();
  });
  const all = Object.entries(model.knobs);
  // The knobs of every graph come after the graph's own.
  const special = all.filter(([, schema]) => !schema.limit);
  const common = all.filter(([, schema]) => schema.limit);
  const unfold = common.some(([name]) => name in own);
  const reset = h("button", { type: "button", class: "quiet", onclick: () => {
    for (const name of Object.keys(model.knobs)) keep(model, name, undefined);
    drawKnobs(form, model, changed);
    changed();
  } }, "Reset");
  form.replaceChildren(h("p", {}, model.about, " ", reset), h("div", { class: "fields" }, special.map(draw)),
    h("details", { open: unfold }, h("summary", {}, "Sampling and limits"), h("div", { class: "fields" }, common.map(draw))));
}

function field(name, schema, value, change) {
  const type = schema.anyOf ? { ...schema, ...schema.anyOf.find((t) => t.type !== "null") } : schema;
  const label = schema.label || `${name[0].toUpperCase()}${name.slice(1).replaceAll("_", " ")}`;
  const start = value ?? schema.default;
  const input = type.enum ? select(type, start, change) : number(type, schema, start, change);
  return h("label", {}, h("span", {}, label), h("small", {}, schema.description || ""), input);
}

function select(type, start, change) {
  return h("select", { onchange: (e) => change(e.target.value) },
    type.enum.map((v) => h("option", { value: v, selected: v === start }, v.replaceAll("_", " "))));
}

function number(type, schema, start, change) {
  const whole = type.type === "integer";
  return h("input", {
    type: "number", value: start, placeholder: "unset",
    min: type.minimum ?? type.exclusiveMinimum, max: type.maximum, step: whole ? 1 : "any",
    oninput: (e) => {
      const { value, validity } = e.target;
      if (!validity.valid) return;
      change(value === "" || Number(value) === schema.default ? undefined : Number(value));
    },
  });
}
