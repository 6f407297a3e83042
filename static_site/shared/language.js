// Languages of the pages: German first, English complete; numbers and dates in the reader's form.

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

/** Keeps a value on this device, where the browser allows it. */
export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A private window without storage: the page works, the device just does not remember.
  }
}

/** The language that the reader chose by hand on this device, or undefined. */
export const chosenLanguage = () => known(kept(CHOICE));

/** Remembers the reader's explicit choice. */
export const chooseLanguage = (language) => keep(CHOICE, language);

/** Explicit choice, then the contact's own language, then the browser's, then German. */
export function languageFor(contactLanguage) {
  const browser = (navigator.languages || []).map(known).find(Boolean);
  return chosenLanguage() || known(contactLanguage) || browser || "de";
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
