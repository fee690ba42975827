// The task map: its clusters and the position of the question.
import { h } from "/static/dom.js";

const WIDTH = 340, HEIGHT = 170, EDGE = 30;
const LETTER = 6, LINE = 11; // of a label's letters, in units of the picture

/** A picture of the map, each cluster in the colour (`hue`) of its best member; `routed` holds the question's cluster and position. */
export function taskMap(clusters, routed, hue) {
  const [qx, qy] = routed.position;
  const xs = [...clusters.map((c) => c.x), qx], ys = [...clusters.map((c) => c.y), qy];
  const across = scale(xs, WIDTH), down = scale(ys, HEIGHT);
  const most = Math.max(...clusters.map((c) => c.size), 1);
  const here = clusters.find((c) => c.id === routed.cluster);
  const places = clusters.map((c) => ({
    cluster: c, x: across(c.x), y: down(c.y), r: 3 + (clusters.length > 24 ? 6 : 12) * Math.sqrt(c.size / most),
  }));
  const dots = places.map(({ cluster, x, y, r }) => h("circle", {
    cx: x, cy: y, r, class: cluster === here ? "cluster here" : "cluster", style: { "--hue": hue(best(cluster)) },
  }, h("title", {}, `${words(cluster)}: ${best(cluster)}`)));
  const labels = labelled(places, here).map(({ x, y, text, cluster }) =>
    h("text", { x, y, class: cluster === here ? "here" : null }, text));
  const [x, y] = [across(qx), down(qy)];
  return h("figure", { class: "map" },
    h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
               "aria-label": `The question fell into the cluster ${here ? words(here) : ""}` },
      dots,
      here ? h("line", { x1: x, y1: y, x2: across(here.x), y2: down(here.y), class: "tie" }) : null,
      h("circle", { cx: x, cy: y, r: 9, class: "halo" }),
      h("circle", { cx: x, cy: y, r: 4, class: "question" }), labels),
    h("figcaption", {}, here ? `Near ${here.size} known questions: ${words(here)}` : ""));
}

/**
 * Labels that do not overlap: the question's cluster first, then the largest ones.
 *
 * A label stands below its cluster, above it, or is left out; the dot's tooltip has it too.
 */
export function labelled(places, here) {
  const taken = [];
  const free = (box) => taken.every((o) => box.x1 < o.x0 || box.x0 > o.x1 || box.y1 < o.y0 || box.y0 > o.y1);
  const first = (one, other) => (other.cluster === here) - (one.cluster === here) || other.cluster.size - one.cluster.size;
  const labels = [];
  for (const { cluster, x, y, r } of [...places].sort(first)) {
    const text = telling(cluster).find((word) => word.length > 3) || telling(cluster)[0] || "";
    // One label of a word is enough, and bold letters are wider.
    if (labels.some((label) => label.text === text)) continue;
    const half = (text.length * LETTER * (cluster === here ? 1.15 : 1)) / 2;
    const middle = Math.min(Math.max(x, half + 3), WIDTH - half - 3);
    for (const base of [y + r + LINE - 1, y - r - 3]) {
      const box = { x0: middle - half, x1: middle + half, y0: base - LINE + 2, y1: base + 2 };
      if (!text || box.y0 < 2 || box.y1 > HEIGHT - 1 || !free(box)) continue;
      taken.push(box);
      labels.push({ x: middle, y: base, text, cluster });
      break;
    }
  }
  return labels;
}

const best = ({ members }) => Object.keys(members).reduce((one, other) => (members[other] > members[one] ? other : one));

// Words that say nothing about a subject.
const EMPTY = new Set(`a about after again all also am an and any are as at be been but by can could did do does for from
  gives had has have how i if in into is it its many me more most much my no not of off old on one or other our so some
  such than that the their them then there these they this those to up us was we were what when where which who why will
  with would you your`.split(/\s+/));

/** The words of a cluster that tell its subject; all of them if none does. */
function telling({ words: all }) {
  const some = all.filter((word) => !EMPTY.has(word.toLowerCase()));
  return some.length ? some : all;
}

const words = (cluster) => telling(cluster).slice(0, 4).join(", ") || `cluster ${cluster.id}`;

function scale(values, size) {
  const low = Math.min(...values), high = Math.max(...values);
  const span = high - low || 1;
  return (value) => EDGE + ((value - low) / span) * (size - 2 * EDGE);
}
