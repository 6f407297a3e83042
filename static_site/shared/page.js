// What every page of the portal and the console stands on: elements, the way to the API, languages.
/** @import { Kind } from "../types/console" */
/** @import { Call, Child, Facts, Language, Options, Props, Shelf, Text, Texts, Values, Voice } from "../types/page" */
/** @import { Draft, Drafts, Session } from "../types/portal" */

// Elements without markup strings: what people or the API wrote is only ever text here.

/**
 * Builds an element. `props`: attributes by name; `class`; `on` = {event: listener};
 * true sets an empty attribute, false/null/undefined leave it out. Children: nodes, text, lists; null is skipped.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "object") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, /** @type {EventListener} */ (listener));
    } else if (name === "value" && "value" in element) {
      element.value = value;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...flat(children));
  return element;
}

/**
 * The nodes and texts among children, without what is left out.
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
export const flat = (children) => children.flatMap((child) => {
  if (Array.isArray(child)) return flat(child);
  return child === null || child === undefined || child === false ? [] : [child instanceof Node ? child : String(child)];
});

/**
 * An element that is part of the page from its start.
 * @param {string} id
 */
export function elementOf(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id}`);
  return found;
}

/**
 * Replaces the content of a node.
 * @template {Element} Kind
 * @param {Kind} node
 * @param {...Child} children
 * @returns {Kind}
 */
export function fill(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

/**
 * Puts a text where another one stands: what is written anew is laid out anew, also where it says the same.
 * @param {Element} node
 * @param {string} text
 */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * A list behind a summary; `content()` -> Promise of its items, asked for each time it is opened. Escape closes it.
 * @param {string} kind
 * @param {string} label
 * @param {() => Promise<Child>} content
 */
export function disclosure(kind, label, content) {
  const list = h("ul");
  const summary = h("summary", {}, label);
  const element = h("details", { class: kind }, summary, list);
  element.addEventListener("toggle", async () => element.open && fill(list, await content()));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    element.open = false;
    summary.focus();
  });
  return element;
}

/** Somebody sits before a wide window, with a mouse. */
export const atDesk = () => matchMedia("(min-width: 64rem) and (pointer: fine)").matches;

/**
 * Moves focus to something that is not a control, without leaving it in the tab order.
 * @param {Element | null | undefined} element
 */
export function focusOn(element) {
  if (!(element instanceof HTMLElement)) return;
  if (!element.matches("a[href], button, input, select, textarea")) element.setAttribute("tabindex", "-1");
  element.focus();
}

/**
 * Draws the content of an element anew by `draw()`. The control with the focus in it, told by its id, has it afterwards, too.
 * @param {HTMLElement} element
 * @param {() => void} draw
 */
export function redrawn(element, draw) {
  const active = element.contains(document.activeElement) ? document.activeElement : null;
  const at = active instanceof HTMLInputElement && ["text", "search"].includes(active.type) ? active.selectionStart : undefined;
  draw();
  const again = active?.id ? document.getElementById(active.id) : null;
  again?.focus();
  if (again instanceof HTMLInputElement && at !== undefined) again.setSelectionRange(at, at);
  return active?.id;
}

/**
 * Says something to screen readers through the page's one polite live region (`#said`).
 * @param {string} text
 */
export function say(text) {
  const region = elementOf("said");
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, 60);
}

// The one door to the API: JSON in and out, refusals as exceptions.

/** A refusal of the API (RFC 9457). `code` decides, `message` is for people, `facts` is the whole answer. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {Facts} facts
   */
  constructor(status, facts) {
    super(facts.detail || facts.title || facts.message || "");
    this.status = status;
    this.facts = facts;
    this.code = facts.code || "";
    this.field = facts.field || "";
    this.correlation = facts.correlation_id || "";
  }
}

/**
 * What was caught, as a refusal: anything else is one without status, code and words.
 * @param {unknown} error
 */
export const refusal = (error) => (error instanceof Refused ? error : NONE);
const NONE = new Refused(0, {});

/**
 * Whether a request was given up by the page itself.
 * @param {unknown} error
 */
export const aborted = (error) => error instanceof Error && error.name === "AbortError";

/** No answer came: the network is gone, or the server cannot be reached. */
export class NetworkLost extends Error {}

/**
 * @param {Response} response
 * @returns {Promise<any>}
 */
async function bodyOf(response) {
  const kind = response.headers.get("content-type") || "";
  if (response.status === 204) return {};
  if (!kind.includes("json")) return {};
  try {
    return await response.json();
  } catch {
    throw new NetworkLost();
  }
}

/**
 * Returns a function (method, path, {body, headers, key, type, file, signal}) -> the answer's JSON.
 * `always()` gives headers that each request carries (language, authorization), `headers` those of one.
 * `key` becomes the Idempotency-Key. `type` sends `body` as it is, with that content type;
 * `file` gives the whole response instead, for its content and headers.
 * Throws Refused for 4xx/5xx, NetworkLost without an answer.
 * @param {() => Record<string, string>} always
 * @returns {Call}
 */
export function apiClient(always) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {Options & { file?: boolean }} [options]
   * @returns {Promise<any>} what the types of `Call` say of the address
   */
  async function call(method, path, { body, headers, key, type, file, signal } = {}) {
    const sent = new Headers({ accept: "application/json", ...always() });
    if (body !== undefined) sent.set("content-type", type || "application/json");
    if (key) sent.set("idempotency-key", key);
    // Set, not added: a name in another case is the same header, and two values of it are one that nobody signed.
    for (const [name, value] of Object.entries(headers || {})) sent.set(name, value);
    let response;
    try {
      response = await fetch(path, {
        method,
        headers: sent,
        body: body === undefined || type ? /** @type {BodyInit | undefined} */ (body) : JSON.stringify(body),
        credentials: "same-origin",
        cache: "no-store",
        signal,
      });
    } catch (reason) {
      if (aborted(reason)) throw reason;
      throw new NetworkLost();
    }
    if (file && response.ok) return response;
    const answer = await bodyOf(response);
    if (!response.ok) throw new Refused(response.status, answer);
    return answer;
  }
  return call;
}

/**
 * Returns load(name) -> the module at `address(name)`, greeted by `learn(module)` each time.
 * Throws NetworkLost for a module that does not come; asking again tries again.
 * @template {object} Modules
 * @param {(name: keyof Modules) => string} address
 * @param {(module: { texts?: Texts }) => unknown} learn
 * @returns {<Name extends keyof Modules>(name: Name) => Promise<Modules[Name]>}
 */
export function loader(address, learn) {
  /** @type {Map<unknown, number>} */
  const misses = new Map();
  return async function load(name) {
    try {
      const again = misses.get(name);
      const module = await import(`${address(name)}${again ? `?again=${again}` : ""}`);
      learn(module);
      return module;
    } catch (error) {
      misses.set(name, (misses.get(name) || 0) + 1);
      if (!(error instanceof TypeError)) reportError(error);
      throw new NetworkLost(String(name));
    }
  };
}

/**
 * Gives the same key again for the same body, so that a repeated request is one request.
 * @returns {(body: unknown) => string}
 */
export function sameKey() {
  let last = "";
  let key = "";
  return (body) => {
    const text = JSON.stringify(body);
    if (text !== last) {
      last = text;
      key = crypto.randomUUID();
    }
    return key;
  };
}

/**
 * A failure in words: the API's own sentence where it has one. `t` knows `network`, `trouble` and `number_of_fault`.
 * @param {Voice} t
 * @param {unknown} error
 */
export function inWords(t, error) {
  if (error instanceof NetworkLost) return t("network");
  const { status, code, message, correlation } = refusal(error);
  const reference = status >= 500 && correlation && t("number_of_fault", { id: correlation });
  return [(code && message) || t("trouble"), reference].filter(Boolean).join(" ");
}

// Languages: German first, English complete; numbers and dates in the reader's form.

const CHOICE = "meterportal.language";
/** @type {Language[]} */
const KNOWN = ["de", "en"];

/**
 * @param {string | null | undefined} tag
 * @returns {Language | undefined}
 */
const known = (tag) => KNOWN.find((language) => (tag || "").toLowerCase().startsWith(language));

/**
 * Reads what this device keeps; null when it keeps nothing or may not.
 * @param {string} name
 */
export function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/**
 * Keeps a value on this device; false where the browser does not allow it.
 * @param {string} name
 * @param {string} value
 */
export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    return false; // A private window, or no room: the page works, the device just does not remember.
  }
  return true;
}

/**
 * Keeps it no longer.
 * @param {string} name
 */
export function forget(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // Nothing was kept.
  }
}

/** Nothing is kept for this tab any longer. */
export function forgetTab() {
  try {
    sessionStorage.clear();
  } catch {
    // Nothing was kept.
  }
}

/**
 * What this device keeps under a prefix, as JSON: get(id) -> value or null, put(id, value), drop(id), ids(), clear().
 * @template Kept
 * @param {string} prefix
 * @returns {Shelf<Kept>}
 */
export function shelf(prefix) {
  const ids = () => {
    try {
      return Object.keys(localStorage).filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
    } catch {
      return [];
    }
  };
  return {
    ids,
    get: (id) => {
      try {
        return JSON.parse(kept(prefix + id) ?? "null");
      } catch {
        return null; // Not ours, or cut off.
      }
    },
    put: (id, value) => keep(prefix + id, JSON.stringify(value)),
    drop: (id) => forget(prefix + id),
    clear: () => ids().forEach((id) => forget(prefix + id)),
  };
}

/**
 * Whose a session is, and at which company: what the device keeps for them lies under this name.
 * @param {Pick<Session, "contact" | "company">} session
 */
export const ownerOf = ({ contact, company }) => `${contact.email_masked}/${contact.name}/${company.id}`;

const OPEN_NOW = "meterportal.company";

/**
 * The session of this device's tabs is this one now, at its company; null: there is none any more.
 * @param {Session | null} session
 */
export const openNow = (session) => (session ? keep(OPEN_NOW, ownerOf(session)) : forget(OPEN_NOW));

/**
 * Another tab has turned to another company, as far as this device knows.
 * @param {Session} session
 */
export const turnedFrom = (session) => ![null, ownerOf(session)].includes(kept(OPEN_NOW));

/**
 * What was typed and not stored yet: on this device, per mailbox, company and machine, for one due date.
 * Cleared by who logs out, they keep nothing more: an answer that was on its way cannot bring a draft back.
 * @param {Session} session
 * @returns {Drafts}
 */
export function draftsOf(session) {
  /** @type {Shelf<Draft>} */
  const drafts = shelf(`meterportal.draft/${ownerOf(session)}/`);
  let over = false;
  return {
    of: ({ id, due_on }) => [drafts.get(id)].find((draft) => draft?.due_on === due_on) || { due_on, values: {}, read_on: null },
    keep: ({ id }, draft) => !over && (Object.keys(draft.values).length ? drafts.put(id, draft) : drafts.drop(id)),
    clear() {
      over = true;
      drafts.clear();
    },
  };
}

/** The language that the reader chose by hand on this device, or undefined. */
const chosenLanguage = () => known(kept(CHOICE));

/**
 * Remembers the reader's explicit choice.
 * @param {Language} language
 */
export const chooseLanguage = (language) => keep(CHOICE, language);

/**
 * Explicit choice, then the contact's own language, then the browser's, then German.
 * @param {string} [contactLanguage]
 * @returns {Language}
 */
export function languageFor(contactLanguage) {
  const browser = (navigator.languages || []).map(known).find(Boolean);
  return chosenLanguage() || known(contactLanguage) || browser || "de";
}

/**
 * Texts written as {key: [German, English]} -> {de: {key: German}, en: {key: English}}.
 * @param {Record<string, Text[]>} pairs
 * @returns {Texts}
 */
export function both(pairs) {
  /** @param {0 | 1} index */
  const column = (index) => Object.fromEntries(Object.entries(pairs).map(([key, pair]) => [key, pair[index]]));
  return { de: column(0), en: column(1) };
}

/**
 * The voice of a page: `t(key, values)` fills `{name}` in a text; with `values.count` a text may be
 * a pair [one, other]. Also number(), date() and the language itself. An unknown key is a mistake and throws.
 * @param {Texts} texts
 * @param {Language} language
 * @returns {Voice}
 */
export function voice(texts, language) {
  const locale = language === "en" ? "en-GB" : "de-DE";
  const numbers = new Intl.NumberFormat(locale);
  const plural = new Intl.PluralRules(locale);
  const [day, month] = language === "en" ? /** @type {const} */ (["numeric", "short"]) : /** @type {const} */ (["2-digit", "2-digit"]);
  const days = new Intl.DateTimeFormat(locale, { day, month, year: "numeric", timeZone: "UTC" });
  const times = new Intl.DateTimeFormat(locale, { day, month, year: "numeric", hour: "2-digit", minute: "2-digit" });

  /** @param {unknown} value */
  const show = (value) => (typeof value === "number" ? numbers.format(value) : String(value));

  /**
   * @param {string} key
   * @param {Values} [values]
   */
  function t(key, values = {}) {
    let text = texts[language][key];
    if (text === undefined) throw new Error(`no text "${key}" in ${language}`);
    if (Array.isArray(text)) text = text[plural.select(Number(values.count)) === "one" ? 0 : 1];
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? show(values[name]) : whole));
  }
  t.language = language;
  /** @param {string} key */
  t.knows = (key) => key in texts[language];
  /**
   * 12345 -> "12.345"
   * @param {number | null | undefined} value
   */
  t.number = (value) => (value === null || value === undefined ? "" : numbers.format(value));
  /**
   * "2026-11-28" -> "28.11.2026"; a business date, never shifted by the reader's time zone.
   * @param {string | null | undefined} iso
   */
  t.date = (iso) => (iso ? days.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`)) : "");
  /**
   * An instant in the reader's own time zone.
   * @param {string | null | undefined} iso
   */
  t.time = (iso) => (iso ? times.format(new Date(iso)) : "");
  return t;
}

// Addresses: fragments carry the way and, once, the token of a link.

/**
 * A text without percent signs, as far as they stand for ASCII. Never throws.
 * @param {string} text
 */
export const decoded = (text) => text.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));

/**
 * A text without what nobody sees in it, escaped or not: zero width spaces, soft hyphens, word joiners.
 * @param {string} text
 */
const visible = (text) => text.replace(/(%[89a-f][0-9a-f])+/gi, (run) => {
  try {
    return decodeURIComponent(run);
  } catch {
    return run; // Not UTF-8: it stays what it is.
  }
}).replace(/\p{Cf}/gu, "");

/**
 * The token of a personal link in an address, or null; `name` is "t" for machines, "p" for a password, "m" for the
 * number of the one machine that a mail is about. Repairs
 * what mail programs do to links: an escaped "#" in path or query, however often, spaces and line breaks,
 * invisible characters, a quoted-printable "=3D", a trailing dot or bracket.
 * @param {string} address
 * @param {"t" | "p" | "m"} [name]
 */
export function tokenFrom(address, name = "t") {
  let plain = address;
  for (let before = ""; before !== plain; plain = decoded(plain)) before = plain;
  const [, ...rest] = visible(plain).split(new RegExp(`[#?&/]${name}=`));
  const text = rest.join("").replace(/[\s<>"']|=\r?\n/g, "").replace(/^3D/, "");
  return (text.match(/^[A-Za-z0-9._~-]*/)?.[0] ?? "").replace(/\.+$/, "") || null;
}
