// @ts-check
/** The chat page: sends what the person types or taps, and shows what the guide says. */

const TEXTS = {
  again: "Try again",
  calling: "Call",
  charactersLeft: "characters left",
  countries: /** @type {Record<string, string>} */ ({ AU: "Australia", NZ: "New Zealand" }),
  evidence: "How sure we are:",
  failed: "Your message did not reach the guide. It is still here.",
  guide: "Guide:",
  label: "Your question",
  limit: "The message is full.",
  newConversation: "A new conversation has started.",
  newTab: "(opens in a new tab)",
  notSent: "Not sent",
  offline: "You seem to be offline. Your message is still here.",
  replies: "Suggested replies",
  safety: "Please read this first",
  send: "Send",
  sources: "Sources",
  startAgain: "Start again",
  starters: [
    { title: "Show me the topics", payload: "/help_menu" },
    { title: "When to get help", payload: "/ask_seek_help" },
  ],
  typing: "The guide is writing…",
  you: "You:",
};

const WEBHOOK = "/webhooks/rest/webhook";
const SESSION_KEY = "gut-skin-guide.session";
const TIME_LIMIT = 15_000;
const RETRY_DELAYS = [1_000, 3_000];
const COUNTER_FROM = 200;

/**
 * @typedef {{title: string, payload: string}} Button
 * @typedef {{name: string, display: string, tel: string, country: string}} Contact
 * @typedef {{title: string, publisher?: string, url: string}} Source
 * @typedef {{
 *   kind?: string, level?: string | null, topic?: string,
 *   evidence?: {rating: string, label: string, meaning?: string},
 *   sources?: Source[], review?: {label: string}, contacts?: Contact[],
 * }} Custom
 * @typedef {{recipient_id?: string, text?: string, buttons?: Button[], custom?: Custom}} Item
 */

// ---- The conversation's id -------------------------------------------------------------

/** Stands in for sessionStorage where the browser blocks it. */
let rememberedSession = "";

/** @returns {string} the id of this conversation, made when first needed */
function session() {
  const known = rememberedSession || storage((store) => store.getItem(SESSION_KEY));
  rememberedSession = known || randomId();
  storage((store) => store.setItem(SESSION_KEY, rememberedSession));
  return rememberedSession;
}

function forgetSession() {
  rememberedSession = "";
  storage((store) => store.removeItem(SESSION_KEY));
}

/** @template T @param {(store: Storage) => T} use @returns {T | null} */
function storage(use) {
  try {
    return use(window.sessionStorage);
  } catch {
    return null;
  }
}

/** @returns {string} */
function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Plain http on another host than localhost has no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// ---- Talking with the server -----------------------------------------------------------

class Unreachable extends Error {}

/** @param {string} message @param {AbortSignal} signal @returns {Promise<Item[]>} */
async function ask(message, signal) {
  const body = JSON.stringify({ sender: session(), message });
  for (const delay of RETRY_DELAYS) {
    try {
      return await askOnce(body, signal);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      await pause(delay, signal);
    }
  }
  return askOnce(body, signal);
}

/** @param {string} body @param {AbortSignal} signal @returns {Promise<Item[]>} */
async function askOnce(body, signal) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(WEBHOOK, { method: "POST", headers, body, signal }).catch((error) => {
    throw signal.aborted ? error : new Unreachable(String(error));
  });
  if (response.status >= 500) throw new Unreachable(String(response.status));
  if (!response.ok) throw new Error(String(response.status));
  const items = await response.json();
  if (!Array.isArray(items) || items.length === 0) throw new Error("no answer");
  return items;
}

/** @param {number} milliseconds @param {AbortSignal} signal @returns {Promise<void>} */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

// ---- Showing: text never becomes HTML --------------------------------------------------

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [className]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** @param {string} text */
const hidden = (text) => element("span", "hidden-text", `${text} `);

/** @param {string} text @returns {HTMLElement} */
function userMessage(text) {
  const node = element("div", "message user", hidden(TEXTS.you), element("p", "", text));
  node.tabIndex = -1;
  return node;
}

/** @param {Item} item @returns {HTMLElement} */
function guideMessage(item) {
  const custom = item.custom ?? {};
  const contacts = custom.contacts ?? [];
  const text = item.text ?? "";
  const node = element("div", "message guide", hidden(TEXTS.guide));
  if (custom.kind === "safety") {
    node.classList.add("safety");
    node.dataset.level = custom.level ?? "";
    node.append(element("p", "safety-label", TEXTS.safety));
  }
  node.append(...blocks(text, contacts));
  node.append(...otherContacts(text, contacts));
  if (custom.evidence) node.append(evidence(custom.evidence));
  if (custom.sources?.length) node.append(sources(custom.sources));
  if (custom.review) node.append(element("p", "review", custom.review.label));
  return node;
}

/** Paragraphs, and lists where lines start with "- ". @param {string} text @param {Contact[]} contacts */
function blocks(text, contacts) {
  /** @type {HTMLElement[]} */
  const nodes = [];
  let paragraph = "";
  for (const line of [...text.split("\n"), ""]) {
    const bullet = line.startsWith("- ");
    if (paragraph && (bullet || !line.trim())) {
      nodes.push(element("p", "", ...withCalls(paragraph, contacts)));
      paragraph = "";
    }
    if (bullet) {
      const last = nodes.at(-1);
      const list = last instanceof HTMLUListElement ? last : element("ul");
      if (list !== last) nodes.push(list);
      list.append(element("li", "", ...withCalls(line.slice(2), contacts)));
    } else if (line.trim()) {
      paragraph += (paragraph && "\n") + line;
    }
  }
  return nodes;
}

/**
 * `text` with each contact's number as a link that calls.
 * @param {string} text @param {Contact[]} contacts @returns {(Node | string)[]}
 */
function withCalls(text, contacts) {
  const longestFirst = [...contacts].sort((a, b) => b.display.length - a.display.length);
  /** @type {(Node | string)[]} */
  const parts = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const contact = longestFirst.find(({ display }) => isNumberAt(text, at, display));
    if (!contact) continue;
    parts.push(text.slice(from, at), call(contact, contact.display));
    from = at + contact.display.length;
    at = from - 1;
  }
  return [...parts, text.slice(from)];
}

/** Whether `display` stands at `at` as a number of its own. @param {string} text @param {number} at @param {string} display */
function isNumberAt(text, at, display) {
  return (
    display !== "" &&
    text.startsWith(display, at) &&
    !/\d ?$/.test(text.slice(Math.max(0, at - 2), at)) &&
    !/^\d/.test(text.slice(at + display.length))
  );
}

/** @param {Contact} contact @param {string} label @returns {HTMLAnchorElement} */
function call(contact, label) {
  const link = element("a", "call", label);
  link.href = `tel:${contact.tel.replace(/[^\d+]/g, "")}`;
  return link;
}

/** The contacts that the text itself does not show. @param {string} text @param {Contact[]} contacts @returns {HTMLElement[]} */
function otherContacts(text, contacts) {
  const missing = contacts.filter(({ display }) => !text.includes(display));
  if (missing.length === 0) return [];
  const entries = missing.map((contact) => {
    const where = TEXTS.countries[contact.country] ?? "";
    const label = `${TEXTS.calling} ${contact.display}`;
    return element("li", "", `${contact.name}${where && ` (${where})`}: `, call(contact, label));
  });
  return [element("ul", "contacts", ...entries)];
}

/** @param {NonNullable<Custom["evidence"]>} found @returns {HTMLElement} */
function evidence({ label, meaning }) {
  const badge = element("span", "badge", hidden(TEXTS.evidence), label);
  return element("p", "evidence", badge, meaning ? ` ${meaning}` : "");
}

/** @param {Source[]} list @returns {HTMLElement} */
function sources(list) {
  const entries = list.map((source) => {
    const publisher = source.publisher ? `, ${source.publisher}` : "";
    return element("li", "", sourceLink(source), publisher);
  });
  const summary = element("summary", "", `${TEXTS.sources} (${list.length})`);
  return element("details", "sources", summary, element("ul", "", ...entries));
}

/** @param {Source} source @returns {Node | string} */
function sourceLink({ title, url }) {
  if (!url?.startsWith("https://")) return title;
  const link = element("a", "", title, hidden(` ${TEXTS.newTab}`));
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

// ---- The page --------------------------------------------------------------------------

/** @template {HTMLElement} T @param {string} id @param {new () => T} type @returns {T} */
function byId(id, type) {
  const node = document.getElementById(id);
  if (!(node instanceof type)) throw new Error(`#${id} is missing in index.html`);
  return node;
}

const page = {
  log: byId("log", HTMLDivElement),
  typing: byId("typing", HTMLParagraphElement),
  error: byId("error", HTMLDivElement),
  composer: byId("composer", HTMLFormElement),
  box: byId("message", HTMLTextAreaElement),
  send: byId("send", HTMLButtonElement),
  counter: byId("counter", HTMLParagraphElement),
  again: byId("again", HTMLButtonElement),
  noScript: byId("no-script", HTMLParagraphElement),
  announcement: byId("announcement", HTMLParagraphElement),
};
const greeting = [...page.log.children];

/** The message under way; null when the guide is waiting for one. @type {AbortController | null} */
let underWay = null;

/**
 * Send `message`, which shows as `bubble`, and show the answer.
 * @param {string} message @param {HTMLElement} bubble
 */
async function deliver(message, bubble) {
  const mine = new AbortController();
  const timer = setTimeout(() => mine.abort(), TIME_LIMIT);
  setUnderWay(mine);
  clearTrouble();
  try {
    const items = await ask(message, mine.signal);
    if (underWay === mine) showAnswer(items);
  } catch {
    if (underWay === mine) showTrouble(message, bubble);
  } finally {
    clearTimeout(timer);
    if (underWay === mine) setUnderWay(null);
  }
}

/** @param {AbortController | null} controller */
function setUnderWay(controller) {
  underWay = controller;
  page.typing.textContent = controller ? TEXTS.typing : "";
  page.send.setAttribute("aria-disabled", String(controller !== null));
}

/** @param {string} shown @param {string} message */
function say(shown, message) {
  page.log.querySelectorAll(".replies").forEach((replies) => replies.remove());
  const bubble = userMessage(shown);
  page.log.append(bubble);
  bubble.scrollIntoView({ block: "nearest" });
  void deliver(message, bubble);
  return bubble;
}

/** @param {Item[]} items */
function showAnswer(items) {
  const messages = items.map(guideMessage);
  page.log.append(...messages);
  addReplies(items.flatMap((item) => item.buttons ?? []));
  messages[0]?.scrollIntoView({ block: "start" });
}

/** @param {Button[]} buttons */
function addReplies(buttons) {
  if (buttons.length === 0) return;
  const replies = element("div", "replies");
  replies.setAttribute("role", "group");
  replies.setAttribute("aria-label", TEXTS.replies);
  for (const { title, payload } of buttons) {
    const button = element("button", "", title);
    button.type = "button";
    button.addEventListener("click", () => {
      // The button vanishes: from the bubble, Tab goes on to the answer.
      if (!underWay) say(title, payload).focus({ preventScroll: true });
    });
    replies.append(button);
  }
  page.log.append(replies);
}

/** @param {string} message @param {HTMLElement} bubble */
function showTrouble(message, bubble) {
  const retry = element("button", "", TEXTS.again);
  retry.type = "button";
  retry.addEventListener("click", () => {
    void deliver(message, bubble);
    bubble.focus({ preventScroll: true });
  });
  bubble.append(element("p", "not-sent", TEXTS.notSent));
  page.error.append(element("p", "", navigator.onLine ? TEXTS.failed : TEXTS.offline), retry);
  bubble.scrollIntoView({ block: "center" });
}

function clearTrouble() {
  page.error.replaceChildren();
  page.log.querySelectorAll(".not-sent").forEach((mark) => mark.remove());
}

function sendTyped() {
  const text = page.box.value.trim();
  if (!text || underWay) return;
  page.box.value = "";
  showCounter();
  say(text, text);
  page.box.focus();
}

function startAgain() {
  underWay?.abort();
  setUnderWay(null);
  clearTrouble();
  forgetSession();
  page.log.replaceChildren(...greeting);
  addReplies(TEXTS.starters);
  page.announcement.textContent = TEXTS.newConversation;
  page.box.focus();
}

function showCounter() {
  const left = page.box.maxLength - page.box.value.length;
  page.counter.textContent = left <= COUNTER_FROM ? `${left} ${TEXTS.charactersLeft}` : "";
  page.announcement.textContent = left === 0 ? TEXTS.limit : "";
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  // isComposing: Enter then only picks a word from an input method's list.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  sendTyped();
}

function start() {
  for (const node of document.querySelectorAll("[data-text]")) {
    const key = /** @type {HTMLElement} */ (node).dataset.text;
    if (key === "startAgain" || key === "label" || key === "send") node.textContent = TEXTS[key];
  }
  page.noScript.hidden = true;
  page.composer.hidden = false;
  page.again.hidden = false;
  page.composer.addEventListener("submit", (event) => {
    event.preventDefault();
    sendTyped();
  });
  page.box.addEventListener("keydown", onKey);
  page.box.addEventListener("input", showCounter);
  page.again.addEventListener("click", startAgain);
  addReplies(TEXTS.starters);
}

start();
