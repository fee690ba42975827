// The page's requests to the server.

async function json(path, options = {}) {
  const reply = await fetch(path, options);
  const body = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(body.error || `the server answered ${reply.status}`);
  return body;
}

const post = (body) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

export const models = () => json("/api/models");
export const threads = () => json("/api/threads").then((reply) => reply.threads);
export const turns = (thread) => json(`/api/threads/${thread}`).then((reply) => reply.turns);
export const forget = (thread) => json(`/api/threads/${thread}`, { method: "DELETE" });
export const stop = (turn) => json(`/api/turns/${turn}/stop`, post({}));

export const ask = (thread, body, tell) => stream(`/api/threads/${thread}/turns`, post(body), tell);
export const watch = (turn, tell) => stream(`/api/turns/${turn}`, {}, tell);
export const resume = (turn, tell) => stream(`/api/turns/${turn}/resume`, post({}), tell);

/** Read server-sent events until they end; `tell` is called with each as {kind, data}. */
async function stream(path, options, tell) {
  const reply = await fetch(path, options);
  if (!reply.ok) {
    const body = await reply.json().catch(() => ({}));
    throw new Error(body.error || `the server answered ${reply.status}`);
  }
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      if (block.startsWith("data: ")) tell(JSON.parse(block.slice(6)));
    }
  }
}
