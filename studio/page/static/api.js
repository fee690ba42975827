// The page's requests to the server.

/** A refusal or a failure; `status` is 0 if the server cannot be reached. */
export class Problem extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const SILENCE = 40_000; // The server sends a heartbeat every 15 s.

async function fetched(path, options = {}) {
  let reply;
  try {
    reply = await fetch(path, options);
  } catch {
    throw new Problem("the server cannot be reached", 0);
  }
  if (reply.ok) return reply;
  const body = await reply.json().catch(() => ({}));
  const said = typeof body.error === "string" ? body.error : body.error?.message || body.detail;
  throw new Problem(said || `the server answered ${reply.status}`, reply.status);
}

const json = (path, options) => fetched(path, options).then((reply) => reply.json());

const send = (method, body) => ({
  method,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

export const models = () => json("/api/models");
export const threads = (search = "") =>
  json(`/api/threads${search ? `?search=${encodeURIComponent(search)}` : ""}`).then((reply) => reply.threads);
export const thread = (name) => json(`/api/threads/${name}`);
export const change = (name, fields) => json(`/api/threads/${name}`, send("PATCH", fields));
export const forget = (name) => json(`/api/threads/${name}`, { method: "DELETE" });
export const restore = (name) => json(`/api/threads/${name}/restore`, send("POST", {}));
/** End the session; the page then asks for a key. */
export const signOut = () => fetched("/logout", send("POST", {}));
export const stop = (turn) => json(`/api/turns/${turn}/stop`, send("POST", {}));

export const ask = (name, body, tell, control) => stream(`/api/threads/${name}/turns`, send("POST", body), tell, control);
export const watch = (turn, tell, control) => stream(`/api/turns/${turn}`, {}, tell, control);
export const resume = (turn, tell, control) => stream(`/api/turns/${turn}/resume`, send("POST", {}), tell, control);

/** Read server-sent events until they end, or `control` aborts; `tell` is called with each as {kind, data}. */
async function stream(path, options, tell, control) {
  const { body } = await fetched(path, { ...options, signal: control.signal });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const silent = setTimeout(() => control.abort(), SILENCE);
    const { value, done } = await reader.read().catch(() => { throw new Problem("the connection broke off", 0); });
    clearTimeout(silent);
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      if (block.startsWith("data: ")) tell(JSON.parse(block.slice(6)));
    }
  }
}
