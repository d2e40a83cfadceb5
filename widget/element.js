// @ts-check
/**
 * The guide's chat, for any website. define.js registers it; a page that wants a tag of another
 * name imports GutSkinChat from /widget/element.js and registers it itself. Attributes of the tag:
 *   server  address of the guide; the one this file came from
 *   lang    language of the interface, for screen readers; en-AU
 *   title   heading of the chat
 *   inline  stands in the page, without a launcher
 *   tour    offers the tour first
 *   faq     address of a copy of the guided FAQ, linked to while the server is away (that of the server)
 * Style properties: --gut-skin-accent, --gut-skin-on-accent, --gut-skin-font.
 * Events: open, close, message {text}, reply {items}, error {reason}.
 */

/**
 * @typedef {{title: string, payload: string}} Button
 * @typedef {{name: string, display: string, tel: string, country: string}} Contact
 * @typedef {{title: string, publisher?: string, url: string}} Source
 * @typedef {{
 *   kind?: string, level?: string | null, topic?: string, step?: number,
 *   evidence?: {rating: string, label: string, meaning?: string},
 *   sources?: Source[], review?: {label: string}, contacts?: Contact[],
 * }} Custom
 * @typedef {{text?: string, buttons?: Button[], custom?: Custom}} Item
 * @typedef {{you: string} | {items: Item[]}} Entry what one side said
 * @typedef {{emergency: Item, greeting: Item, privacy: Item, away: Item}} Words
 * @typedef {{id: string, at: number, open: boolean, entries: Entry[]}} Saved
 */

/** Reviewed wording: the server writes it in, so that it is known when the server is away. */
const WORDS = /** @type {Words} */ (/** @type {unknown} */ ({}));

/** Every string of the interface. */
const TEXTS = {
  again: "Try again",
  back: "You are online again. Sending…",
  busy: "That was a lot of messages. Please wait a moment, then try again.",
  calling: "Call",
  charactersLeft: "characters left",
  close: "Close the chat",
  copied: "Copied. You can paste it into a note or an email.",
  copy: "Copy for my GP",
  countries: /** @type {Record<string, string>} */ ({ AU: "Australia", NZ: "New Zealand" }),
  delete: "Delete this conversation",
  deleted: "Your conversation has been deleted.",
  evidence: "How sure we are:",
  failed: "Your message did not reach the guide. It is still here.",
  good: "Helpful",
  bad: "Not helpful",
  guide: "Guide:",
  label: "Your question",
  launch: "Ask the Gut–Skin Guide",
  limit: "The message is full.",
  log: "Conversation",
  more: "More",
  newConversation: "A new conversation has started.",
  newTab: "(opens in a new tab)",
  notACopy: "Copying is blocked here. Please use Print.",
  notDeleted: "It could not be deleted just now. Please try again.",
  notSent: "Not sent",
  offline: "You seem to be offline. Your message will be sent when you are back.",
  print: "Print for my GP",
  privacy: "Privacy: please don't type anything that shows who you are",
  record: "My questions to the Gut–Skin Guide",
  replies: "Suggested replies",
  safety: "Please read this first",
  send: "Send",
  sources: "Sources",
  startAgain: "Start again",
  thanks: "Thank you for telling us.",
  title: "Gut–Skin Guide",
  topics: "Show me the topics",
  tour: "Take the five-minute tour",
  faq: "Read the answers as pages",
  typing: "The guide is writing…",
  what: "Automated guide, not a doctor",
  when: "When to get help",
  you: "You:",
};

const STORAGE_KEY = "gut-skin-chat";
const IDLE_LIMIT = 30 * 60_000;
const TIME_LIMIT = 15_000;
const RETRY_DELAYS = [1_000, 3_000];
const LONGEST_MESSAGE = 1_000;
const COUNTER_FROM = 200;
const ENTRIES_KEPT = 100;

const STYLE = `
:host { --accent: var(--gut-skin-accent, #1d5e58); --on-accent: var(--gut-skin-on-accent, #fff);
  --paper: #fbf8f3; --card: #fff; --ink: #22302e; --quiet: #55625f; --line: #7f8b86; --soft: #dcebe7;
  --alarm: #a3241b; --alarm-soft: #fdeeec;
  /* The host page's rules would win without it. */
  /* medium, not rem: what the reader's browser says, whatever the page does to its root. */
  all: initial !important; color: var(--ink) !important; color-scheme: light dark !important;
  font: medium/1.5 var(--gut-skin-font, system-ui, sans-serif) !important; }
:host([inline]) { display: block !important; height: 100% !important; }
@media (prefers-color-scheme: dark) { :host { --accent: var(--gut-skin-accent, #8fd3c8);
  --on-accent: var(--gut-skin-on-accent, #10201e); --paper: #141d1c; --card: #1f2a29; --ink: #edf3f1;
  --quiet: #b3c0bc; --line: #7d8c87; --soft: #254642; --alarm: #ffb4a9; --alarm-soft: #3c1a17; } }
* { box-sizing: border-box; }
button, summary, textarea { font: inherit; color: inherit; }
button, summary { cursor: pointer; min-height: 44px; min-width: 44px; }
button, textarea { border: 1px solid var(--line); border-radius: 12px; background: var(--card); padding: 8px 14px; }
button:hover, summary:hover { text-decoration: underline; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: inherit; }
p, ul { margin: 0 0 8px; overflow-wrap: anywhere; }
ul { padding-inline-start: 20px; }
.launch, .send, .user { background: var(--accent); color: var(--on-accent); }
.launch { position: fixed; inset-block-end: 16px; inset-inline-end: 16px; z-index: 2147483646; min-height: 56px;
  padding: 12px 22px; border: 2px solid var(--on-accent); border-radius: 28px; font-weight: 600;
  box-shadow: 0 4px 18px #0004; }
dialog { padding: 0; margin: 0; border: 1px solid var(--line); color: inherit; background: var(--paper); }
dialog[open], .inline { display: flex; flex-direction: column; overflow: hidden; }
dialog[open] { position: fixed; inset: auto 16px 16px auto; z-index: 2147483647; width: 410px;
  height: min(680px, calc(100dvh - 32px)); max-height: none; border-radius: 18px; box-shadow: 0 12px 48px #0005; }
dialog:dir(rtl)[open] { inset: auto auto 16px 16px; }
.inline { height: 100%; background: var(--paper); }
@media (max-width: 640px), (max-height: 480px) { dialog[open] { inset: 0; width: 100vw; max-width: none;
  height: 100dvh; border: 0; border-radius: 0; } }
.head { display: flex; align-items: center; gap: 8px; padding: 8px 8px 8px 16px; border-block-end: 1px solid var(--line); }
h2 { flex: 1; margin: 0; font-size: 1.15em; line-height: 1.25; }
h2 small { display: block; font-size: .75em; font-weight: 400; color: var(--quiet); }
.head > button, .more > summary { border: 0; background: none; padding: 8px; border-radius: 12px; }
.more { position: relative; }
.more > summary { display: flex; align-items: center; list-style: none; }
.more > summary::after { content: " ▾"; white-space: pre; }
.more > div { position: absolute; inset-inline-end: 0; z-index: 1; display: grid; width: max-content;
  padding: 6px; border: 1px solid var(--line); border-radius: 12px; background: var(--card); box-shadow: 0 8px 24px #0004; }
.more button { border: 0; text-align: start; background: none; }
.emergency { padding: 10px 16px; background: var(--alarm-soft); color: var(--alarm); font-size: .875em;
  border-block-end: 1px solid var(--alarm); }
.emergency p { margin: 0; }
.call { display: inline-block; min-width: 44px; padding: 10px 4px; margin-block: -10px; line-height: 24px; text-align: center; font-weight: 700; white-space: nowrap; }
.scroll { flex: 1 1 0; min-height: 0; overflow-y: auto; padding: 12px 16px; overscroll-behavior: contain; position: relative; }
.log { display: flex; flex-direction: column; gap: 12px; }
.notice { font-size: .9em; color: var(--quiet); margin-block-end: 12px; }
.notice summary { padding-block: 10px; }
.message { padding: 12px 14px 4px; border-radius: 14px; }
.guide { background: var(--card); border: 1px solid var(--line); }
.guide p { white-space: pre-line; }
.user { align-self: flex-end; max-width: 88%; white-space: pre-wrap; border: 1px solid transparent; }
.safety { border: 2px solid var(--alarm); background: var(--alarm-soft); }
.step > p:first-of-type { font-weight: 700; }
.label, .not-sent { color: var(--alarm); font-weight: 700; }
.user .not-sent { color: inherit; }
.badge { display: inline-block; padding: 2px 10px; border: 1px solid var(--accent); border-radius: 12px; background: var(--soft);
  font-weight: 600; }
.evidence, .review, .sources, .thanks { font-size: .9em; color: var(--quiet); }
.badge { color: var(--ink); }
.sources summary { padding-block: 10px; }
.sources a { display: inline-block; padding-block: 12px; }
.thumbs, .replies { display: flex; flex-wrap: wrap; gap: 8px; margin-block-end: 8px; }
.thumbs button { font-size: .9em; }
.replies button { border-color: var(--accent); background: var(--soft); font-weight: 600; text-align: start; }
.typing { min-height: 1.5em; margin-block: 8px 0; color: var(--quiet); animation: breathe 1.6s infinite; }
@keyframes breathe { 50% { opacity: .5; } }
.trouble a { display: inline-block; padding: 12px 14px; color: inherit; }
.trouble:not(:empty) { padding: 12px 14px; border: 2px solid var(--alarm); border-radius: 14px; background: var(--alarm-soft); }
form { padding: 8px 16px 12px; border-block-start: 1px solid var(--line); background: var(--card); }
.row { display: flex; gap: 8px; align-items: end; }
textarea { flex: 1; min-width: 0; resize: none; field-sizing: content; max-height: 8em; min-height: 44px; }
.send { font-weight: 700; border-color: transparent; }
.send[aria-disabled=true] { opacity: .6; }
label, .counter { font-size: .9em; color: var(--quiet); margin: 0; }
label { display: block; padding-block-end: 4px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none; }
@media (prefers-reduced-motion: reduce) { .typing { animation: none; } }
@media (forced-colors: active) { button, .message, .badge, .emergency { border: 1px solid; } .safety { border-width: 3px; } }
@media (max-height: 480px) { .more > div { grid-template-columns: 1fr 1fr; width: 290px; } }
@media (max-height: 480px), (max-width: 360px) { .emergency { font-size: .85em; } h2 small { display: none; } }
`;

// ---- Showing: text never becomes HTML --------------------------------------------------

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {string} [className] @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** @param {string} title @param {() => void} act @param {string} [className] */
function button(title, act, className) {
  const node = element("button", className, title);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}

/** @param {string} text */
const hidden = (text) => element("span", "hidden", `${text} `);

/** @param {string} text */
function userMessage(text) {
  const node = element("div", "message user", hidden(TEXTS.you), element("p", "", text));
  node.tabIndex = -1;
  return node;
}

/** @param {Item} item */
function guideMessage({ text = "", custom = {} }) {
  const contacts = custom.contacts ?? [];
  const node = element("div", "message guide", hidden(TEXTS.guide));
  // A step of the tour opens with its heading.
  if (custom.step) node.classList.add("step");
  if (custom.kind === "safety") {
    node.classList.add("safety");
    node.dataset.level = custom.level ?? "";
    node.append(element("p", "label", TEXTS.safety));
  }
  const numbers = [...contacts, ...(WORDS.emergency?.custom?.contacts ?? [])];
  node.append(...blocks(text, numbers), ...otherContacts(text, contacts));
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

/** @param {Contact} contact @param {string} label */
function call({ tel }, label) {
  const link = element("a", "call", label);
  link.href = `tel:${tel.replace(/[^\d+]/g, "")}`;
  return link;
}

/** The contacts that the text itself does not show. @param {string} text @param {Contact[]} contacts */
function otherContacts(text, contacts) {
  const missing = contacts.filter(({ display }) => !text.includes(display));
  const entries = missing.map((contact) => {
    const country = TEXTS.countries[contact.country];
    const where = country ? ` (${country})` : "";
    const label = `${TEXTS.calling} ${contact.display}`;
    return element("li", "", `${contact.name}${where}: `, call(contact, label));
  });
  return entries.length ? [element("ul", "", ...entries)] : [];
}

/** @param {NonNullable<Custom["evidence"]>} found */
function evidence({ label, meaning }) {
  const badge = element("span", "badge", hidden(TEXTS.evidence), label);
  return element("p", "evidence", badge, meaning ? ` ${meaning}` : "");
}

/** @param {Source[]} list */
function sources(list) {
  const entries = list.map((source) =>
    element("li", "", sourceLink(source), source.publisher ? `, ${source.publisher}` : ""),
  );
  return disclosure("sources", `${TEXTS.sources} (${list.length})`, element("ul", "", ...entries));
}

/** @param {Source} source @returns {Node | string} */
function sourceLink({ title, url }) {
  if (!url?.startsWith("https://")) return title;
  return newTab(title, url);
}

/** @param {string} title @param {string} url */
function newTab(title, url) {
  const link = element("a", "", title, hidden(` ${TEXTS.newTab}`));
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

/** @param {string} className @param {string} title @param {...Node} children */
function disclosure(className, title, ...children) {
  const node = element("details", className, element("summary", "", title), ...children);
  node.addEventListener("toggle", () => node.open && node.scrollIntoView({ block: "nearest" }));
  return node;
}

// ---- The conversation, kept in this tab for half an hour ---------------------------------

/** @template T @param {(store: Storage) => T} use @returns {T | null} null where the browser blocks storage */
function storage(use) {
  try {
    return use(window.sessionStorage);
  } catch {
    return null;
  }
}

/** @returns {Saved} the conversation of this tab, or an empty one */
function load() {
  try {
    const saved = JSON.parse(storage((store) => store.getItem(STORAGE_KEY)) ?? "");
    // abs: a clock that was set back must not keep a conversation for ever.
    if (Math.abs(Date.now() - saved.at) < IDLE_LIMIT && Array.isArray(saved.entries)) return saved;
  } catch {
    // Nothing there, or not ours: a new conversation.
  }
  return empty();
}

/** @returns {Saved} */
const empty = () => ({ id: "", at: 0, open: false, entries: [] });

function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Plain http on another host than localhost has no randomUUID.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// ---- Talking with the server -------------------------------------------------------------

/** The server is away or broken: trying again may help. */
class Unreachable extends Error {}

/**
 * @param {string} url @param {object} body @param {AbortSignal} signal
 * @returns {Promise<any>} the JSON of the answer; throws Unreachable, or an Error whose message is the status
 */
async function post(url, body, signal) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
    signal,
  }).catch((error) => {
    throw signal.aborted ? error : new Unreachable(String(error));
  });
  if (response.status >= 500) throw new Unreachable(String(response.status));
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

/**
 * As `post`, with two more tries. The same message_id goes along each time: no message counts twice.
 * @param {string} url @param {object} body @param {AbortSignal} signal @returns {Promise<any>}
 */
async function postPatiently(url, body, signal) {
  for (const delay of RETRY_DELAYS) {
    try {
      return await post(url, body, signal);
    } catch (error) {
      if (!(error instanceof Unreachable) || !navigator.onLine) throw error;
      await new Promise((resolve) => setTimeout(resolve, delay));
      signal.throwIfAborted();
    }
  }
  return post(url, body, signal);
}

// ---- The element ---------------------------------------------------------------------------

export class GutSkinChat extends HTMLElement {
  #saved = load();
  /** The message under way; null when the guide is waiting for one. @type {AbortController | null} */
  #underWay = null;
  /** Sends the message that failed. @type {(() => void) | null} */
  #retry = null;

  #log = element("div", "log");
  #scroll = element("div", "scroll");
  #typing = element("p", "typing");
  #trouble = element("div", "trouble");
  #announcement = element("p", "hidden");
  #box = element("textarea");
  #counter = element("p", "counter");
  #send = element("button", "send", TEXTS.send);
  #more = disclosure("more", TEXTS.more);
  #dialog = element("dialog");
  #launch = button(TEXTS.launch, () => this.open(), "launch");

  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.lang ||= "en-AU";
    this.#build();
    if (this.hasAttribute("inline")) {
      root.append(element("div", "inline", ...this.#dialog.childNodes));
    } else {
      root.append(this.#launch, this.#dialog);
    }
    this.#restore();
    window.addEventListener("online", () => {
      if (!this.#retry) return;
      this.#announcement.textContent = TEXTS.back;
      this.#retry();
    });
  }

  /** Open the chat; on a phone it fills the screen. */
  open() {
    if (this.#dialog.open || !this.#dialog.isConnected) return;
    const phone = matchMedia("(max-width: 640px), (max-height: 480px)").matches;
    if (phone) this.#dialog.showModal();
    else this.#dialog.show();
    this.#launch.hidden = true;
    // On a phone, focus in the box would bring the keyboard up over the text.
    (phone ? this.#dialog.querySelector("h2") : this.#box)?.focus();
    this.#scrollToEnd();
    this.#save({ open: true });
    this.#tell("open");
  }

  /** Close the chat; the conversation stays. */
  close() {
    this.#dialog.close();
  }

  /** @param {string} name @param {object} [detail] */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @param {string} path */
  #url(path) {
    return new URL(path, this.getAttribute("server") || import.meta.url).href;
  }

  #build() {
    const title = this.getAttribute("title") || TEXTS.title;
    // The host page would show the attribute as a tooltip over the whole chat.
    this.removeAttribute("title");
    const heading = element("h2", "", title, element("small", "", TEXTS.what));
    heading.id = "title";
    heading.tabIndex = -1;
    this.#more.append(
      element(
        "div",
        "",
        button(TEXTS.startAgain, () => this.#startAgain(TEXTS.newConversation)),
        button(TEXTS.copy, () => void this.#copy()),
        button(TEXTS.print, () => this.#print()),
        button(TEXTS.delete, () => void this.#delete()),
      ),
    );
    const header = element("div", "head", heading, this.#more);
    if (!this.hasAttribute("inline")) {
      const close = button("✕", () => this.close());
      close.setAttribute("aria-label", TEXTS.close);
      header.append(close);
    }
    const { text = "", custom } = WORDS.emergency ?? {};
    const emergency = element("div", "emergency", element("p", "", ...withCalls(text, custom?.contacts ?? [])));
    const notice = disclosure("notice", TEXTS.privacy, ...blocks(WORDS.privacy?.text ?? "", []));

    this.#log.setAttribute("role", "log");
    this.#log.setAttribute("aria-label", TEXTS.log);
    this.#log.setAttribute("aria-live", "polite");
    this.#typing.setAttribute("role", "status");
    this.#trouble.setAttribute("role", "alert");
    this.#announcement.setAttribute("role", "status");
    this.#scroll.tabIndex = 0;
    this.#scroll.setAttribute("role", "region");
    this.#scroll.setAttribute("aria-label", TEXTS.log);
    this.#scroll.append(notice, this.#log, this.#typing, this.#trouble);

    this.#dialog.setAttribute("aria-labelledby", "title");
    // The numbers come first, so that the open menu does not cover them.
    this.#dialog.append(emergency, header, this.#scroll, this.#composer(), this.#announcement);
    this.#dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      // Esc closes the innermost thing first; a dialog that is not modal does not hear it by itself.
      event.preventDefault();
      if (this.#more.open) this.#more.open = false;
      else this.close();
    });
    this.#dialog.addEventListener("close", () => {
      this.#launch.hidden = false;
      this.#launch.focus();
      this.#save({ open: false });
      this.#tell("close");
    });
  }

  #composer() {
    const label = element("label", "", TEXTS.label);
    label.htmlFor = this.#box.id = "box";
    this.#box.rows = 1;
    this.#box.maxLength = LONGEST_MESSAGE;
    this.#box.autocomplete = "off";
    this.#box.enterKeyHint = "send";
    this.#box.addEventListener("input", () => this.#showCounter());
    this.#box.addEventListener("keydown", (event) => {
      // isComposing: Enter then only picks a word from an input method's list.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#sendTyped();
    });
    const form = element("form", "", label, element("div", "row", this.#box, this.#send), this.#counter);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#sendTyped();
    });
    return form;
  }

  /** Show what this tab has said so far. */
  #restore() {
    this.#log.replaceChildren();
    if (WORDS.greeting) this.#log.append(guideMessage(WORDS.greeting));
    for (const entry of this.#saved.entries) {
      this.#log.append(...("you" in entry ? [userMessage(entry.you)] : entry.items.map((item) => this.#answer(item))));
    }
    const last = this.#saved.entries.at(-1);
    if (!last) this.#offerStarters();
    else if ("items" in last) this.#offer(last.items.flatMap((item) => item.buttons ?? []));
    // Not this.open(): a page change must not move the focus.
    if (this.#saved.open && this.#dialog.isConnected && !matchMedia("(max-width: 640px)").matches) {
      this.#dialog.show();
      this.#launch.hidden = true;
    }
    this.#scrollToEnd();
  }

  /** @param {Partial<Saved>} change */
  #save(change = {}) {
    Object.assign(this.#saved, change, { at: Date.now() });
    this.#saved.entries.splice(0, this.#saved.entries.length - ENTRIES_KEPT);
    storage((store) => store.setItem(STORAGE_KEY, JSON.stringify(this.#saved)));
  }

  /** @returns {string} the id of this conversation, made when the first message is sent */
  #session() {
    if (Math.abs(Date.now() - this.#saved.at) > IDLE_LIMIT) this.#saved.id = "";
    this.#saved.id ||= randomId();
    return this.#saved.id;
  }

  #scrollToEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  // ---- Saying and answering ----

  #sendTyped() {
    const text = this.#box.value.trim();
    if (!text || this.#underWay) return;
    this.#box.value = "";
    this.#showCounter();
    this.#say(text, text);
  }

  /** @param {string} shown @param {string} message */
  #say(shown, message) {
    this.#log.querySelector(".replies")?.remove();
    const bubble = userMessage(shown);
    this.#log.append(bubble);
    this.#scrollToEnd();
    const body = { sender: this.#session(), message, message_id: randomId() };
    this.#saved.entries.push({ you: shown });
    this.#save();
    this.#tell("message", { text: shown });
    void this.#deliver(body, bubble);
    return bubble;
  }

  /** @param {object} body @param {HTMLElement} bubble */
  async #deliver(body, bubble) {
    const mine = new AbortController();
    const timer = setTimeout(() => mine.abort(), TIME_LIMIT);
    this.#clearTrouble();
    this.#setUnderWay(mine);
    try {
      const items = await postPatiently(this.#url("/webhooks/rest/webhook"), body, mine.signal);
      if (this.#underWay === mine) this.#show(Array.isArray(items) && items.length ? items : [WORDS.away]);
    } catch (error) {
      if (this.#underWay === mine) this.#fail(error, bubble, () => void this.#deliver(body, bubble));
    } finally {
      clearTimeout(timer);
      if (this.#underWay === mine) this.#setUnderWay(null);
    }
  }

  /** @param {AbortController | null} controller */
  #setUnderWay(controller) {
    this.#underWay = controller;
    this.#typing.textContent = controller ? TEXTS.typing : "";
    this.#send.setAttribute("aria-disabled", String(controller !== null));
    if (controller) this.#scrollToEnd();
  }

  /** @param {Item[]} items */
  #show(items) {
    const messages = items.map((item) => this.#answer(item));
    this.#log.append(...messages);
    this.#offer(items.flatMap((item) => item.buttons ?? []));
    this.#scroll.scrollTop = (messages[0]?.offsetTop ?? 0) - 8;
    this.#saved.entries.push({ items });
    this.#save();
    this.#tell("reply", { items });
  }

  /** @param {Item} item */
  #answer(item) {
    const node = guideMessage(item);
    if (item.custom?.topic && item.custom.kind !== "safety") node.append(this.#thumbs());
    return node;
  }

  #thumbs() {
    const thumbs = element("div", "thumbs");
    /** @param {string} payload */
    const judge = (payload) => {
      thumbs.replaceChildren(element("span", "thanks", TEXTS.thanks));
      this.#announcement.textContent = TEXTS.thanks;
      const body = { sender: this.#session(), message: payload, message_id: randomId() };
      // An opinion that is lost harms nobody.
      post(this.#url("/webhooks/rest/webhook"), body, AbortSignal.timeout(TIME_LIMIT)).catch(() => {});
    };
    thumbs.append(
      button(TEXTS.good, () => judge("/feedback_good")),
      button(TEXTS.bad, () => judge("/feedback_bad")),
    );
    return thumbs;
  }

  /** @param {Button[]} buttons */
  #offer(buttons) {
    this.#log.querySelector(".replies")?.remove();
    if (!buttons.length) return;
    const replies = element("div", "replies");
    replies.setAttribute("role", "group");
    replies.setAttribute("aria-label", TEXTS.replies);
    for (const { title, payload } of buttons) {
      // The button vanishes: from the bubble, Tab goes on to the answer.
      const act = () => !this.#underWay && this.#say(title, payload).focus({ preventScroll: true });
      replies.append(button(title, act));
    }
    this.#log.append(replies);
  }

  #offerStarters() {
    const tour = { title: TEXTS.tour, payload: "/start_tour" };
    const starters = [
      { title: TEXTS.topics, payload: "/help_menu" },
      { title: TEXTS.when, payload: "/ask_seek_help" },
    ];
    this.#offer(this.hasAttribute("tour") ? [tour, ...starters] : starters);
  }

  /** @param {unknown} error @param {HTMLElement} bubble @param {() => void} again */
  #fail(error, bubble, again) {
    const busy = error instanceof Error && error.message === "429";
    const reason = !navigator.onLine ? TEXTS.offline : busy ? TEXTS.busy : TEXTS.failed;
    this.#retry = () => {
      again();
      bubble.focus({ preventScroll: true });
    };
    bubble.append(element("p", "not-sent", TEXTS.notSent));
    const faq = this.getAttribute("faq") || this.#url("/faq");
    this.#trouble.append(element("p", "", reason), button(TEXTS.again, this.#retry), newTab(TEXTS.faq, faq));
    this.#scrollToEnd();
    this.#tell("error", { reason });
  }

  /** @param {string} text */
  #complain(text) {
    this.#trouble.replaceChildren(element("p", "", text));
    this.#scrollToEnd();
  }

  #clearTrouble() {
    this.#retry = null;
    this.#trouble.replaceChildren();
    for (const mark of this.#log.querySelectorAll(".not-sent")) mark.remove();
  }

  #showCounter() {
    const left = LONGEST_MESSAGE - this.#box.value.length;
    this.#counter.textContent = left <= COUNTER_FROM ? `${left} ${TEXTS.charactersLeft}` : "";
    this.#announcement.textContent = left <= 0 ? TEXTS.limit : "";
  }

  // ---- The menu ----

  /** @param {string} said */
  #startAgain(said) {
    this.#more.open = false;
    this.#underWay?.abort();
    this.#setUnderWay(null);
    this.#clearTrouble();
    this.#saved = { ...empty(), open: this.#saved.open };
    this.#restore();
    this.#save();
    this.#announcement.textContent = said;
    this.#box.focus();
  }

  async #delete() {
    this.#more.open = false;
    try {
      if (this.#saved.id) {
        await post(this.#url("/webhooks/rest/reset"), { sender: this.#saved.id }, AbortSignal.timeout(TIME_LIMIT));
      }
      this.#startAgain(TEXTS.deleted);
      storage((store) => store.removeItem(STORAGE_KEY));
    } catch {
      this.#complain(TEXTS.notDeleted);
    }
  }

  /** The conversation as paragraphs; nothing of it leaves the browser. */
  #record() {
    const lines = this.#saved.entries.flatMap((entry) =>
      "you" in entry
        ? [`${TEXTS.you} ${entry.you}`]
        : entry.items.map(({ text = "", custom }) =>
            [`${TEXTS.guide} ${text}`, ...(custom?.sources ?? []).map(({ title, url }) => `- ${title}, ${url}`)].join("\n"),
          ),
    );
    return [`${TEXTS.record}, ${new Date().toLocaleDateString(this.lang)}`, TEXTS.what, ...lines];
  }

  async #copy() {
    this.#more.open = false;
    try {
      await navigator.clipboard.writeText(this.#record().join("\n\n"));
      this.#trouble.replaceChildren();
      this.#announcement.textContent = TEXTS.copied;
    } catch {
      this.#complain(TEXTS.notACopy);
    }
  }

  #print() {
    this.#more.open = false;
    const page = window.open("");
    if (!page) return;
    page.document.title = TEXTS.record;
    for (const text of this.#record()) {
      const paragraph = page.document.createElement("p");
      paragraph.textContent = text;
      paragraph.style.cssText = "white-space: pre-line; font: 12pt/1.5 sans-serif; max-width: 40em";
      page.document.body.append(paragraph);
    }
    page.print();
  }
}
