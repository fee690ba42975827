// The question's box: it keeps a question until the server has it.
import { $, button, h } from "/static/dom.js";

let place = "new"; // whose unsent text the box has
let images = [];
let sees = false;
let send = () => {};

/** `act` is called with {question, images}; `seeing` says whether a member sees images. */
export function setUpComposer(act, seeing) {
  send = act;
  sees = seeing;
  const box = $("question");
  $("ask").addEventListener("submit", (e) => { e.preventDefault(); submit(); });
  box.addEventListener("input", () => { keep(); fit(); });
  box.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); submit(); }
  });
  $("attach").addEventListener("click", () => (sees ? $("files").click() : blind()));
  $("files").addEventListener("change", () => { add([...$("files").files]); $("files").value = ""; });
  box.addEventListener("paste", (e) => {
    const pasted = [...e.clipboardData.files].filter((f) => f.type.startsWith("image/"));
    if (pasted.length) { e.preventDefault(); add(pasted); }
  });
  addEventListener("resize", fit);
  addEventListener("dragover", (e) => { if (e.dataTransfer?.types.includes("Files")) e.preventDefault(); });
  addEventListener("drop", (e) => {
    if (!e.dataTransfer?.files.length) return;
    e.preventDefault();
    add([...e.dataTransfer.files].filter((f) => f.type.startsWith("image/")));
  });
}

// The keyboard of a phone covers half of the page.
const touch = matchMedia("(pointer: coarse)");

/** Put the cursor into the box, where that opens no keyboard on the screen. */
export function focus() {
  if (!touch.matches) $("question").focus({ preventScroll: true });
}

function submit() {
  const question = $("question").value.trim();
  if (!question || !send({ question, images })) return;
  clear();
  if (touch.matches) $("question").blur();
}

/** Ask a ready question. */
export function fill(question) {
  $("question").value = question;
  submit();
}

function clear() {
  $("question").value = "";
  images = [];
  keep();
  fit();
  drawImages();
  notice();
}

/** Put back what the server has not got, and say why; `again` sends it. */
export function putBack({ question, images: given }, why, again, status = 0) {
  const box = $("question");
  if (!box.value.trim()) {
    box.value = question;
    images = given || [];
    keep();
    fit();
    drawImages();
  }
  if (status === 401) {
    // The page sends who has no key to sign in, and finds the question again afterwards.
    notice("You are not signed in any more. Your question is kept. ", button("Sign in", () => location.reload()));
    return;
  }
  notice(`${why} Your question is kept.`, button("Try again", () => {
    if (box.value.trim() === question) { box.value = ""; images = []; keep(); fit(); drawImages(); }
    notice();
    again();
  }));
}

/** Keep a question for a conversation that is not open. */
export function keepFor(where, question) {
  sessionStorage.setItem(`unsent:${where}`, question);
  if (where === place && !$("question").value) {
    $("question").value = question;
    fit();
  }
}

/** Show a line above the box; nothing removes it. */
export function notice(...parts) {
  $("notice").hidden = !parts.length;
  $("notice").replaceChildren(...parts);
}

const blind = () => notice(
  "No model of this team sees images. One that can needs vision: true in the pool file.",
  button("OK", () => notice()));

/** Show the unsent text of a thread. */
export function turnTo(thread) {
  place = thread || "new";
  const box = $("question");
  box.value = sessionStorage.getItem(`unsent:${place}`) || "";
  images = [];
  drawImages();
  fit();
  notice();
}

function keep() {
  const text = $("question").value;
  if (text) sessionStorage.setItem(`unsent:${place}`, text);
  else sessionStorage.removeItem(`unsent:${place}`);
}

/** The box belongs to a thread that has just got its name. */
export const named = (thread) => { sessionStorage.removeItem(`unsent:${place}`); place = thread; keep(); };

export function fit() {
  const box = $("question");
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 240)}px`;
}

const LARGEST = 1568; // pixels; vision models scale larger images down
const MOST = 4;

async function add(files) {
  if (!sees) return blind();
  for (const file of files.slice(0, MOST - images.length)) {
    try {
      images = [...images, await scaled(file)];
    } catch {
      notice(`${file.name} is not an image that this browser can read.`, button("OK", () => notice()));
    }
  }
  drawImages();
}

async function scaled(file) {
  const picture = await createImageBitmap(file);
  const ratio = Math.min(1, LARGEST / Math.max(picture.width, picture.height));
  const canvas = h("canvas", { width: Math.round(picture.width * ratio), height: Math.round(picture.height * ratio) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL(file.type === "image/png" ? "image/png" : "image/jpeg", 0.9);
}

function drawImages() {
  $("images").hidden = !images.length;
  $("images").replaceChildren(...images.map((source, n) => h("span", {},
    h("img", { src: source, alt: `Image ${n + 1}` }),
    button("×", () => { images = images.filter((_, m) => m !== n); drawImages(); }, { "aria-label": `Remove image ${n + 1}` }))));
}
