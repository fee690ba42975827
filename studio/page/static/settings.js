// The settings: a graph's, drawn from its JSON schema, and the conversation's instructions.
//
// Only changed settings are sent.
import { $, button, h, kept } from "/static/dom.js";
import { CHOICES } from "/static/words.js";

/** The changed settings of `model`. */
export const knobsOf = (model) => kept("knobs", {})[model.name] || {};

function keep(model, name, value) {
  const all = kept("knobs", {});
  const own = { ...all[model.name] };
  if (value === undefined) delete own[name];
  else own[name] = value;
  localStorage.setItem("knobs", JSON.stringify({ ...all, [model.name]: own }));
}

/** Draw the form of `model` into `form`; `talk` has the conversation's instructions. */
export function drawSettings(form, model, talk, changed) {
  const own = knobsOf(model);
  const draw = ([name, schema]) => field(name, schema, own[name], (value) => {
    keep(model, name, value);
    changed();
  });
  const all = Object.entries(model.knobs);
  // The settings of every graph come after the graph's own.
  const special = all.filter(([, schema]) => !schema.limit).sort(([one], [other]) => (one === "confidence") - (other === "confidence"));
  const common = all.filter(([, schema]) => schema.limit);
  const unfold = common.some(([name]) => name in own);
  const reset = button("Reset", () => {
    for (const name of Object.keys(model.knobs)) keep(model, name, undefined);
    drawSettings(form, model, talk, changed);
    changed();
  });
  form.replaceChildren(
    h("header", {}, "Settings", button("Close", () => { $("show-knobs").click(); $("show-knobs").focus(); })),
    instructions(talk),
    h("h2", {}, model.title, " ", reset), h("p", {}, model.about), h("div", { class: "fields" }, special.map(draw)),
    h("details", { open: unfold }, h("summary", {}, "Sampling and limits"), h("div", { class: "fields" }, common.map(draw))));
}

function instructions(talk) {
  const box = h("textarea", { rows: 3, id: "system", placeholder: "For example: answer in one paragraph, in simple words.",
    onchange: () => talk.instruct(box.value, always.checked) });
  box.value = talk.system();
  const always = h("input", { type: "checkbox", checked: Boolean(talk.system()) && talk.system() === kept("system", ""),
    onchange: () => talk.instruct(box.value, always.checked) });
  return h("div", { class: "system" },
    h("label", { for: "system" }, "Instructions for the whole team"),
    h("small", {}, "Sent before every question of this conversation (a system prompt)."), box,
    h("label", { class: "check" }, always, "Also in new conversations"));
}

function field(name, schema, value, change) {
  const type = schema.anyOf ? { ...schema, ...schema.anyOf.find((t) => t.type !== "null") } : schema;
  const label = schema.label || `${name[0].toUpperCase()}${name.slice(1).replaceAll("_", " ")}`;
  const start = value ?? schema.default;
  const input = type.enum ? select(type, start, change) : number(type, schema, start, change);
  return h("label", { "data-name": name }, h("span", {}, label.replace(", s", ",\u00a0s")), h("small", {}, plain(schema.description || "")), input);
}

/** A description with the values of the menus as the menus show them. */
const plain = (text) => text.replace(/\b([Uu])nset\b/g, (_, u) => (u === "U" ? "Empty" : "empty"))
  .replace("in mode reference", `if the map is read as “${CHOICES.reference}”`).replace("mode reference weighs", `“${CHOICES.reference}” weighs`)
  .replace(/\b[a-z]+_[a-z]+\b|\b[a-z]+(?=: )/g, (word) => (CHOICES[word] ? `“${CHOICES[word]}”` : word));

function select(type, start, change) {
  return h("select", { onchange: (e) => change(e.target.value) },
    type.enum.map((v) => h("option", { value: v, selected: v === start }, CHOICES[v] || v.replaceAll("_", " "))));
}

function number(type, schema, start, change) {
  const whole = type.type === "integer";
  return h("input", {
    type: "number", value: start, placeholder: "automatic",
    min: type.minimum ?? type.exclusiveMinimum, max: type.maximum, step: whole ? 1 : "any",
    oninput: (e) => {
      const { value, validity } = e.target;
      if (!validity.valid) return;
      change(value === "" || Number(value) === schema.default ? undefined : Number(value));
    },
  });
}

/** The label of the button that opens the settings. */
export function countSettings(model, system) {
  const count = Object.keys(knobsOf(model)).length + (system ? 1 : 0);
  $("show-knobs").textContent = count ? `Settings · ${count}` : "Settings";
}
