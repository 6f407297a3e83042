// What every page of the portal and the console stands on: elements, the way to the API, languages.

// Elements without markup strings: what people or the API wrote is only ever text here.

/**
 * Builds an element. `props`: attributes by name; `class`; `on` = {event: listener};
 * true sets an empty attribute, false/null/undefined leave it out. Children: nodes, text, lists; null is skipped.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "value") {
      element.value = value;
    } else {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Replaces the content of a node. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A list behind a summary; `content()` -> Promise of its items, asked for each time it is opened. Escape closes it. */
export function disclosure(kind, label, content) {
  const list = h("ul");
  const element = h("details", { class: kind }, h("summary", {}, label), list);
  element.addEventListener("toggle", async () => element.open && fill(list, await content()));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    element.open = false;
    element.firstChild.focus();
  });
  return element;
}

/** Moves focus to something that is not a control, without leaving it in the tab order. */
export function focusOn(element) {
  if (!element) return;
  if (!element.matches("a[href], button, input, select, textarea")) element.setAttribute("tabindex", "-1");
  element.focus();
}

/** Watches elements: `came(element)` once, as soon as one comes near the window. */
export const nearby = (came) => new IntersectionObserver((seen, near) => seen.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
  near.unobserve(target);
  came(target);
}), { rootMargin: "900px" });

/** Says something to screen readers through the page's one polite live region (`#said`). */
export function say(text) {
  const region = document.getElementById("said");
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, 60);
}

// The one door to the API: JSON in and out, refusals as exceptions.

/** A refusal of the API (RFC 9457). `code` decides, `message` is for people, `facts` is the whole answer. */
export class Refused extends Error {
  constructor(status, facts) {
    super(facts.detail || facts.title || facts.message || "");
    this.status = status;
    this.facts = facts;
    this.code = facts.code || "";
    this.field = facts.field || "";
    this.correlation = facts.correlation_id || "";
  }
}

/** No answer came: the network is gone, or the server cannot be reached. */
export class NetworkLost extends Error {}

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
 */
export function apiClient(always) {
  return async function call(method, path, { body, headers, key, type, file, signal } = {}) {
    const sent = { accept: "application/json", ...always(), ...headers };
    if (body !== undefined) sent["content-type"] = type || "application/json";
    if (key) sent["idempotency-key"] = key;
    let response;
    try {
      response = await fetch(path, {
        method,
        headers: sent,
        body: body === undefined || type ? body : JSON.stringify(body),
        credentials: "same-origin",
        cache: "no-store",
        signal,
      });
    } catch (reason) {
      if (reason.name === "AbortError") throw reason;
      throw new NetworkLost();
    }
    if (file && response.ok) return response;
    const answer = await bodyOf(response);
    if (!response.ok) throw new Refused(response.status, answer);
    return answer;
  };
}

/**
 * Returns load(name) -> the module at `address(name)`, greeted by `learn(module)` each time.
 * Throws NetworkLost for a module that does not come; asking again tries again.
 */
export function loader(address, learn) {
  const misses = new Map();
  return async function load(name) {
    try {
      const again = misses.get(name);
      const module = await import(address(name) + (again ? `?again=${again}` : ""));
      learn(module);
      return module;
    } catch (error) {
      misses.set(name, (misses.get(name) || 0) + 1);
      if (!(error instanceof TypeError)) reportError(error);
      throw new NetworkLost(name);
    }
  };
}

/** Gives the same key again for the same body, so that a repeated request is one request. */
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

// Languages: German first, English complete; numbers and dates in the reader's form.

const CHOICE = "meterportal.language";
const KNOWN = ["de", "en"];

const known = (tag) => KNOWN.find((language) => (tag || "").toLowerCase().startsWith(language));

/** Reads what this device keeps; null when it keeps nothing or may not. */
export function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keeps a value on this device; false where the browser does not allow it. */
export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    return false; // A private window, or no room: the page works, the device just does not remember.
  }
  return true;
}

/** Keeps it no longer. */
export function forget(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // Nothing was kept.
  }
}

/** What this device keeps under a prefix, as JSON: get(id) -> value or null, put(id, value), drop(id), ids(), clear(). */
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
        return JSON.parse(kept(prefix + id));
      } catch {
        return null; // Not ours, or cut off.
      }
    },
    put: (id, value) => keep(prefix + id, JSON.stringify(value)),
    drop: (id) => forget(prefix + id),
    clear: () => ids().forEach((id) => forget(prefix + id)),
  };
}

/** The language that the reader chose by hand on this device, or undefined. */
const chosenLanguage = () => known(kept(CHOICE));

/** Remembers the reader's explicit choice. */
export const chooseLanguage = (language) => keep(CHOICE, language);

/** Explicit choice, then the contact's own language, then the browser's, then German. */
export function languageFor(contactLanguage) {
  const browser = (navigator.languages || []).map(known).find(Boolean);
  return chosenLanguage() || known(contactLanguage) || browser || "de";
}

/** Texts written as {key: [German, English]} -> {de: {key: German}, en: {key: English}}. */
export function both(pairs) {
  const column = (index) => Object.fromEntries(Object.entries(pairs).map(([key, pair]) => [key, pair[index]]));
  return { de: column(0), en: column(1) };
}

/**
 * The voice of a page: `t(key, values)` fills `{name}` in a text; with `values.count` a text may be
 * a pair [one, other]. Also number(), date() and the language itself. An unknown key is a mistake and throws.
 */
export function voice(texts, language) {
  const locale = language === "en" ? "en-GB" : "de-DE";
  const numbers = new Intl.NumberFormat(locale);
  const plural = new Intl.PluralRules(locale);
  const days = new Intl.DateTimeFormat(locale, { day: "2-digit", month: "2-digit", year: "numeric", timeZone: "UTC" });
  const times = new Intl.DateTimeFormat(locale, { dateStyle: "short", timeStyle: "short" });

  const show = (value) => (typeof value === "number" ? numbers.format(value) : String(value));

  function t(key, values = {}) {
    let text = texts[language][key];
    if (text === undefined) throw new Error(`no text "${key}" in ${language}`);
    if (Array.isArray(text)) text = text[plural.select(values.count) === "one" ? 0 : 1];
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? show(values[name]) : whole));
  }
  t.language = language;
  t.knows = (key) => key in texts[language];
  /** 12345 -> "12.345" */
  t.number = (value) => (value === null || value === undefined ? "" : numbers.format(value));
  /** "2026-11-28" -> "28.11.2026"; a business date, never shifted by the reader's time zone. */
  t.date = (iso) => (iso ? days.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`)) : "");
  /** An instant in the reader's own time zone. */
  t.time = (iso) => (iso ? times.format(new Date(iso)) : "");
  return t;
}

// Addresses: fragments carry the way and, once, the token of a link.

/** A text without percent signs, as far as they stand for ASCII. Never throws. */
export const decoded = (text) => text.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));

/** A text without what nobody sees in it, escaped or not: zero width spaces, soft hyphens, word joiners. */
const visible = (text) => text.replace(/(%[89a-f][0-9a-f])+/gi, (run) => {
  try {
    return decodeURIComponent(run);
  } catch {
    return run; // Not UTF-8: it stays what it is.
  }
}).replace(/\p{Cf}/gu, "");

/**
 * The token of a personal link in an address, or null. Repairs what mail programs do to links: an escaped
 * "#" in path or query, once or twice, spaces and line breaks, invisible characters, a quoted-printable "=3D",
 * a trailing dot or bracket.
 */
export function tokenFrom(address) {
  const [, ...rest] = visible(decoded(decoded(decoded(address)))).split(/[#?&/]t=/);
  const text = rest.join("").replace(/[\s<>"']|=\r?\n/g, "").replace(/^3D/, "");
  return text.match(/^[A-Za-z0-9._~-]*/)[0].replace(/\.+$/, "") || null;
}
