// Decisions and failures in plain words.

const STOPPED = {
  agreement: "The drafts agree, so no further round was needed.",
  layers: "All layers have drafted.",
  rounds: "All rounds are used.",
  judge: "The judge is content.",
  moderator: "The moderator ended the rounds.",
  layer_failed: "Nobody gave a usable draft in this round.",
  max_calls: "The limit of calls is reached.",
  max_total_tokens: "The limit of tokens is reached.",
  budget_usd: "The budget is spent.",
  vote: "The vote decided.",
  sure: "The vote was sure; nobody else was asked.",
  single: "One sample, no vote.",
  no_vote: "No short answer could be read, so the draft most like the others was taken.",
  no_usable_draft: "Nobody gave a usable answer.",
};

export const stopped = (reason) => STOPPED[reason] || (reason ? `Ended: ${reason}.` : "Going on.");

const FAILURES = [
  [/timed out after ([\d.]+) s/, (m) => `did not answer within ${m[1]} s`],
  [/deadline of ([\d.]+) s/, (m) => `was too slow: cancelled after ${m[1]} s`],
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

export const STATUS = {
  running: "working",
  done: "done",
  failed: "failed",
  stopped: "stopped",
  interrupted: "broken off",
};
