// Decisions and failures in plain words.

const STOPPED = {
  agreement: "The drafts agree, so no further round was needed.",
  experts: "All experts have drafted.",
  ranker: "The ranker chose.",
  layers: "All layers have drafted.",
  rounds: "All rounds are used.",
  judge: "The judge ended the rounds.",
  moderator: "The moderator ended the rounds.",
  layer_failed: "No member gave a usable draft in this round.",
  max_calls: "The limit of calls is reached.",
  max_total_tokens: "The limit of tokens is reached.",
  budget_usd: "The budget is spent.",
  max_seconds: "The time limit of a run is reached.",
  vote: "The vote decided.",
  settled: "The first samples settled the vote.",
  wave_seconds: "The first samples took long, so only they were counted.",
  sure: "The vote was sure; no other member was asked.",
  single: "One sample, no vote.",
  no_vote: "No short answer could be read, so the draft most similar to the others was chosen.",
  no_usable_draft: "No member gave a usable answer.",
};

export const stopped = (reason) => STOPPED[reason] || (reason ? `Ended: ${reason}.` : "Continuing.");

const FAILURES = [
  [/timed out after ([\d.]+) s/, (m) => `did not answer within ${m[1]} s`],
  [/deadline of ([\d.]+) s/, (m) => `was too slow: cancelled after ${m[1]} s`],
  [/repeated itself/, () => "repeated itself and was stopped"],
  [/another script/, () => "wrote in another script and was stopped"],
  [/only repeats the question/, () => "only repeated the question"],
  [/budget does not allow/, () => "was not asked: the limit is reached"],
  [/cannot see images/, () => "does not see images, so it was not asked"],
  [/token limit/, () => "was cut off at its token limit"],
  [/quorum/, () => "was not waited for: enough others had answered"],
  [/Connection|connect/i, () => "could not be reached"],
  [/\b401\b|\b403\b|Authentication|Permission/i, () => "refused the key"],
  [/\b404\b|NotFound/i, () => "does not know this model"],
  [/\b429\b|RateLimit/i, () => "is over its rate limit"],
  [/\b5\d\d\b|InternalServer/i, () => "had an error of its own"],
  [/environment variable (\S+) is not set/, (m) => `has no key: set ${m[1]}`],
  [/empty/, () => "answered with nothing"],
];

/** Why a member has no draft, to be read after its name. */
export function failure(error) {
  for (const [pattern, words] of FAILURES) {
    const found = pattern.exec(error || "");
    if (found) return words(found);
  }
  return "failed";
}

const LIMITS = ["max_calls", "max_total_tokens", "budget_usd", "max_seconds"];

/** A line about a run that a limit ended early; null if none did. */
export const cutShort = (result) => (LIMITS.includes(result?.stopped) ? `${stopped(result.stopped)} The team could not finish its work.` : null);

/** The tool calls of a draft, to be read after its member's name. */
export const calls = (draft) => (draft?.calls?.length
  ? `calls ${draft.calls.map((c) => `${c.name}(${typeof c.args === "string" ? c.args : JSON.stringify(c.args)})`).join(", ")}` : "");

const percent = (share) => `${Math.round(100 * share)}%`;

const WEAKEST = {
  share: (part) => `${percent(part)} of the drafts agree`,
  record: (part) => `its member is right on ${percent(part)} of such questions`,
  probability: (part) => `the vote gives it ${percent(part)} to be right`,
  familiarity: () => "the question is unlike the calibration questions",
};

/** Why an answer is unsure and how it was handled, as a label and a line; null if it is sure. */
export function doubt(result) {
  if (!result?.unsure) return null;
  const { confidence, confidence_wanted: wanted, confidence_parts: parts } = result;
  const known = Object.entries(parts).filter(([, part]) => part !== null).sort(([, a], [, b]) => a - b);
  const [name, part] = known[0] || [null, 1];
  const why = part > confidence ? "all drafts abstain" : WEAKEST[name](part);
  const below = confidence < wanted ? `, below ${percent(wanted)}` : "";
  const then = result.escalated_to ? `${result.escalated_to} answered instead.`
    : result.declined && confidence > 0 && part <= confidence && result.guess ? `The best guess was: ${short(result.guess)}` : "";
  // The weakest part is the confidence: its words say the share, once.
  const line = why.includes(percent(confidence)) ? `${why[0].toUpperCase()}${why.slice(1)}${below}.` : `Confidence ${percent(confidence)}${below}: ${why}.`;
  return { label: "unsure", line: `${line} ${then}`.trim() };
}

/** What a guess comes to: what stands after its last "Answer:", or all of it. */
const short = (guess) => guess.split(/^.*\bAnswer: */m).at(-1).trim() || guess;

/** How a run ended, as a word for its chip and its style; an answer that was not given is not done. */
export function outcome({ status, lost, result }) {
  if (lost) return ["lost", "connecting"];
  if (status !== "done" || !result?.unsure) return [status, STATUS[status]];
  return ["doubt", result.declined ? "no answer given" : result.escalated_to ? "asked further" : "unsure"];
}

const STATUS = {
  running: "working",
  done: "done",
  failed: "failed",
  stopped: "stopped",
  interrupted: "broken off",
};

/** The groups of the menu of graphs. */
export const METHODS = {
  avengers: "Ask the right models, then vote",
  moa: "All draft, one writes the answer",
  smoa: "Draft in roles, a judge keeps the best",
  ranker: "All answer, the best is picked",
  debate: "Models debate, then vote",
  symbolic_moe: "Experts by skill, one writes",
};

/** Values of settings in plain words. */
export const CHOICES = {
  self_consistency: "all at once, then vote",
  model_switch: "the next one only if unsure",
  team: "one by one until it is settled",
  posterior: "by what each has proved",
  published: "nearest cluster, as published",
  reference: "several clusters, as in the authors' code",
  profile: "by track record",
  equal: "all equal",
  lazy: "only if needed",
  eager: "at the same time",
  fixed: "always the same",
  difficulty: "by difficulty",
};
