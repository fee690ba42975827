// News of other tabs, at once; of other browsers, when the page is looked at or every 20 seconds.

const EVERY = 20_000;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("ensemble") : null;

/** Tell the other tabs that the thread has changed. */
export const announce = (thread) => channel?.postMessage({ thread });

/** Call `hear` with the thread that another tab has changed, or with null if any may have changed. */
export function onNews(hear) {
  channel?.addEventListener("message", ({ data }) => hear(data.thread));
  const look = () => { if (!document.hidden) hear(null); };
  document.addEventListener("visibilitychange", look);
  setInterval(look, EVERY);
}
