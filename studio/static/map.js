// The task map: its clusters and the position of the question.
import { h } from "/static/dom.js";

const WIDTH = 340, HEIGHT = 170, EDGE = 30;

/** A picture of the map, each cluster in the colour (`hue`) of its best member; `routed` holds the question's cluster and position. */
export function taskMap(clusters, routed, hue) {
  const [qx, qy] = routed.position;
  const xs = [...clusters.map((c) => c.x), qx], ys = [...clusters.map((c) => c.y), qy];
  const across = scale(xs, WIDTH), down = scale(ys, HEIGHT);
  const most = Math.max(...clusters.map((c) => c.size), 1);
  const here = clusters.find((c) => c.id === routed.cluster);
  const dots = clusters.map((c) => h("circle", {
    cx: across(c.x), cy: down(c.y), r: 3 + (clusters.length > 24 ? 6 : 12) * Math.sqrt(c.size / most),
    class: c === here ? "cluster here" : "cluster", style: { "--hue": hue(best(c)) },
  }, h("title", {}, `${words(c)}: ${best(c)}`)));
  const labels = clusters.length > 14 ? [] : clusters.map((c) => h("text", {
    x: across(c.x), y: Math.min(down(c.y) + 15 + 12 * Math.sqrt(c.size / most), HEIGHT - 4),
  }, c.words[0] || ""));
  const [x, y] = [across(qx), down(qy)];
  return h("figure", { class: "map" },
    h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
               "aria-label": `The question fell into the cluster ${here ? words(here) : ""}` },
      dots, labels,
      here ? h("line", { x1: x, y1: y, x2: across(here.x), y2: down(here.y), class: "tie" }) : null,
      h("circle", { cx: x, cy: y, r: 9, class: "halo" }),
      h("circle", { cx: x, cy: y, r: 4, class: "question" })),
    h("figcaption", {}, here ? `Near ${here.size} known questions: ${words(here)}` : ""));
}

const best = ({ members }) => Object.keys(members).reduce((one, other) => (members[other] > members[one] ? other : one));

const words = (cluster) => cluster.words.slice(0, 4).join(", ") || `cluster ${cluster.id}`;

function scale(values, size) {
  const low = Math.min(...values), high = Math.max(...values);
  const span = high - low || 1;
  return (value) => EDGE + ((value - low) / span) * (size - 2 * EDGE);
}
