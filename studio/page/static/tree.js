// A conversation is a tree: a question that is edited or asked again gets a sibling.
//
// Turns with the same parent are versions of one question; turns of one panel are one version, shown
// side by side.

/** The versions of the question after `parent`, each {key, runs}. */
export function versions(runs, parent) {
  const groups = new Map();
  for (const run of runs) {
    if ((run.parent || null) !== parent) continue;
    const key = run.panel || run.id;
    groups.set(key, [...(groups.get(key) || []), run]);
  }
  return [...groups].map(([key, each]) => ({ key, runs: each }));
}

/** When a turn or one after it was begun last. */
function newest(runs, run) {
  const after = runs.filter((each) => each.parent === run.id);
  return Math.max(run.began || 0, ...after.map((each) => newest(runs, each)));
}

/**
 * The questions that are shown, from first to last.
 *
 * `chosen` has the version to show after a parent, and the turn of a panel to go on with; without a
 * choice it is the one that was used last.
 */
export function rows(runs, chosen) {
  const shown = [];
  let parent = null;
  for (;;) {
    const all = versions(runs, parent);
    if (!all.length) return shown;
    const last = (each) => Math.max(...each.runs.map((run) => newest(runs, run)));
    const wanted = all.find((each) => each.key === chosen.get(parent));
    const version = wanted || all.reduce((one, other) => (last(other) >= last(one) ? other : one));
    const main = version.runs.find((run) => run.id === chosen.get(version.key))
      || version.runs.find((run) => runs.some((each) => each.parent === run.id)) || version.runs[0];
    shown.push({ parent, key: version.key, runs: version.runs, main, place: all.indexOf(version), all });
    parent = main.id;
  }
}
