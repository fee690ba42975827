// The state of a turn, built from its events, live or stored.

export function newRun(about) {
  return { ...about, status: about.status || "running", lost: false, ...blank(), text: about.answer || "" };
}

const blank = () => ({ text: "", error: null, result: null, seconds: null, routed: null, vote: null, writer: null, layers: new Map() });

// The server's clock minus ours, in seconds.
let skew = 0;

/** Seconds since a run began. */
export const elapsed = (run) => Math.max(0, Date.now() / 1000 + skew - (run.began || Date.now() / 1000 + skew));

/** A run from a stored turn. */
export function fromStored(turn) {
  const run = newRun(turn);
  for (const event of turn.events || []) take(run, event);
  if (turn.status !== "running") end(run, turn);
  return run;
}

/** Add one item of the stream. */
export function tell(run, { kind, data }) {
  if (kind === "turn") {
    // Whoever attaches to a run reads it from its beginning.
    if (!run.began) skew = data.began - Date.now() / 1000;
    Object.assign(run, data, blank(), { status: "running" });
  } else if (kind === "token") run.text += data;
  else if (kind === "restart") run.text = "";
  else if (kind === "event") take(run, data);
  else if (kind === "over") end(run, data);
}

function layer(run, number) {
  if (!run.layers.has(number)) {
    run.layers.set(number, { drafts: new Map(), judged: null, judging: null, moderated: null });
  }
  return run.layers.get(number);
}

const key = (e) => `${e.layer}|${e.member}|${e.index}|${(e.role || "").slice(0, 40)}`;

function draft(run, event) {
  const { drafts } = layer(run, event.layer);
  if (!drafts.has(key(event))) {
    drafts.set(key(event), {
      key: key(event), member: event.member, role: event.role, index: event.index,
      layer: event.layer, status: "running", text: "", chosen: false,
    });
  }
  return drafts.get(key(event));
}

function take(run, event) {
  const { type, stage } = event;
  if (stage === "propose") takeDraft(run, event);
  else if (stage === "aggregate" || stage === "escalate") takeWriter(run, event);
  else if (type === "routed") run.routed = event.data;
  else if (type === "voted") run.vote = event.data;
  else if (type === "started" && stage === "judge") Object.assign(layer(run, event.layer), { judging: event.member, round: true });
  else if (type === "judged") layer(run, event.layer).judged = { by: event.member, text: event.text, ...event.data };
  else if (type === "moderated") layer(run, event.layer).moderated = { text: event.text, ...event.data };
}

function takeDraft(run, event) {
  const mine = draft(run, event);
  if (event.type === "token") mine.text += event.text;
  else if (event.type === "done") Object.assign(mine, { status: "ok", text: event.text || mine.text });
  else if (event.type === "failed") Object.assign(mine, { status: "failed", error: event.error });
}

function takeWriter(run, event) {
  if (event.type === "started") run.writer = { member: event.member, status: "running", escalated: event.stage === "escalate" };
  else if (event.type === "done" && run.writer) run.writer.status = "ok";
  else if (event.type === "failed" && run.writer) run.writer = { ...run.writer, status: "failed", error: event.error };
}

/** End a run; what was still awaited is so no longer. */
export function end(run, { status, error, answer, result, seconds }) {
  Object.assign(run, { status, error, seconds, result });
  if (answer) run.text = answer;
  for (const each of run.layers.values()) {
    each.judging = null;
    for (const one of each.drafts.values()) if (one.status === "running") one.status = "cancelled";
  }
  if (run.writer?.status === "running") run.writer.status = status === "done" ? "ok" : "cancelled";
  if (!result) return;
  for (const told of result.drafts) Object.assign(draft(run, told), told);
  const chosen = new Set(chosenIds(result));
  for (const each of run.layers.values()) {
    for (const one of each.drafts.values()) one.chosen = chosen.has(one.id);
  }
}

function chosenIds(result) {
  if (result.winner) return [result.winner];
  return (result.rounds || []).flatMap((round) => round.chosen);
}
