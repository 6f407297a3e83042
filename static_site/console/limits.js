// Limits of the check as a person edits them: entries with the text of each field, and what became of them.
/** @import { Conflict, Entry, EntryFault, Joined, Kind, Level, Limit, Setting, Tolerances } from "../types/console" */
/** @import { Voice } from "../types/page" */

/**
 * The three limits, in the order in which they are shown.
 * @type {Limit[]}
 */
export const LIMITS = ["ceiling", "width", "quiet_pages"];
/**
 * The levels, wider ones first: the narrower one counts.
 * @type {Level[]}
 */
export const LEVELS = ["dealer", "families", "kinds", "contracts"];
/** @type {Kind[]} */
export const KINDS = ["BW", "COLOUR", "SCAN", "TOTAL"];

/** @type {Limit[]} */
const WHOLE = ["quiet_pages"];
const SEPARATOR = "\u0000";

/**
 * Levels to fill, without a prototype: a contract may be called anything.
 * @returns {Tolerances}
 */
const blank = () => ({ dealer: {}, families: Object.create(null), kinds: {}, contracts: Object.create(null) });

/**
 * A number as the reader writes it: 1.5 is "1,5" in German.
 * @param {Voice} t
 * @param {number | null | undefined} number
 */
export function written(t, number) {
  if (number === null || number === undefined) return "";
  return t.language === "de" ? String(number).replace(".", ",") : String(number);
}

/**
 * "1,5" or "1.5" -> 1.5; null for an empty field, NaN for what is no number.
 * @param {string} text
 * @returns {number | null}
 */
export function typed(text) {
  const trimmed = text.trim().replace(",", ".");
  if (!trimmed) return null;
  return /^\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : Number.NaN;
}

/**
 * @param {Voice} t
 * @param {Level} level
 * @param {string} name
 * @param {Setting} setting
 * @returns {Entry}
 */
function entry(t, level, name, setting) {
  const { ceiling, width, quiet_pages: pages } = setting;
  return { level, name, texts: { ceiling: written(t, ceiling), width: written(t, width), quiet_pages: written(t, pages) } };
}

/**
 * A new entry without limits.
 * @param {Level} level
 * @param {string} name
 * @returns {Entry}
 */
export const emptyEntry = (level, name) => ({ level, name, texts: { ceiling: "", width: "", quiet_pages: "" } });

/**
 * What the API answers, as entries: one for all machines, one for each kind of meter, the others by name.
 * @param {Voice} t
 * @param {Partial<Tolerances>} tolerances
 * @returns {Entry[]}
 */
export function entriesOf(t, tolerances) {
  /** @param {"families" | "contracts"} level */
  const named = (level) => Object.entries(tolerances[level] || {})
    .sort(([one], [other]) => one.localeCompare(other, t.language))
    .map(([name, setting]) => entry(t, level, name, setting));
  return [
    entry(t, "dealer", "", tolerances.dealer || {}),
    ...named("families"),
    ...KINDS.map((kind) => entry(t, "kinds", kind, (tolerances.kinds || {})[kind] || {})),
    ...named("contracts"),
  ];
}

/**
 * The wrong fields: [{entry, limit, why}]; `limit` is null where an entry has no limit at all.
 * @param {Entry[]} entries
 * @returns {EntryFault[]}
 */
export function faultsOf(entries) {
  /** @type {EntryFault[]} */
  const faults = [];
  for (const one of entries) {
    for (const limit of LIMITS) {
      const number = typed(one.texts[limit]);
      if (number !== null && Number.isNaN(number)) faults.push({ entry: one, limit, why: "limit_no_number" });
      else if (number !== null && WHOLE.includes(limit) && !Number.isInteger(number)) {
        faults.push({
          entry: one,
          limit,
          why: "limit_not_whole",
        });
      }
    }
    const optional = one.level === "dealer" || one.level === "kinds";
    if (!optional && LIMITS.every((limit) => !one.texts[limit].trim())) faults.push({ entry: one, limit: null, why: "limit_none" });
  }
  return faults;
}

/**
 * What the API takes: only what is set, everything else is left to the wider level.
 * @param {Entry[]} entries
 * @returns {Tolerances}
 */
export function tolerancesOf(entries) {
  const built = blank();
  for (const one of entries) {
    const setting = Object.fromEntries(LIMITS.map((limit) => [limit, typed(one.texts[limit])]).filter(([, number]) => number !== null));
    if (one.level === "dealer") built.dealer = setting;
    else if (Object.keys(setting).length) built[one.level][one.name] = setting;
  }
  return built;
}

/**
 * {place: number} for each limit that is set; `place` names level, entry and limit.
 * @param {Partial<Tolerances>} tolerances
 * @returns {Record<string, number>}
 */
function flat(tolerances) {
  /** @type {Record<string, number>} */
  const found = {};
  /**
   * @param {Level} level
   * @param {string} name
   * @param {Setting} setting
   */
  const put = (level, name, setting) => {
    for (const limit of LIMITS) {
      const number = setting[limit];
      if (number !== null && number !== undefined) found[[level, name, limit].join(SEPARATOR)] = number;
    }
  };
  put("dealer", "", tolerances.dealer || {});
  for (const level of LEVELS.slice(1)) {
    for (const [name, setting] of Object.entries(tolerances[level] || {})) put(level, name, setting);
  }
  return found;
}

/**
 * What a place of `flat` names.
 * @param {string} place
 */
function partsOf(place) {
  const [level, name, limit] = place.split(SEPARATOR);
  return { level: /** @type {Level} */ (level), name, limit: /** @type {Limit} */ (limit) };
}

/**
 * @param {Record<string, number>} places
 * @returns {Tolerances}
 */
function nested(places) {
  const built = blank();
  for (const [place, number] of Object.entries(places)) {
    const { level, name, limit } = partsOf(place);
    if (level === "dealer") built.dealer[limit] = number;
    else (built[level][name] ||= {})[limit] = number;
  }
  return built;
}

/**
 * How many limits differ between two tolerances.
 * @param {Partial<Tolerances>} one
 * @param {Partial<Tolerances>} other
 */
export function differences(one, other) {
  const [mine, theirs] = [flat(one), flat(other)];
  return [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].filter((place) => mine[place] !== theirs[place]).length;
}

/**
 * Two people changed the same limits: `base` is what both started from. What only one of them changed is taken
 * from that one; where both did, `mine` stands and is named in `conflicts`: [{level, name, limit, mine, theirs}],
 * undefined meaning removed. `taken` counts what came from the other person.
 * @param {Partial<Tolerances>} base
 * @param {Partial<Tolerances>} mine
 * @param {Partial<Tolerances>} theirs
 * @returns {Joined}
 */
export function joined(base, mine, theirs) {
  const [old, ours, others] = [flat(base), flat(mine), flat(theirs)];
  /** @type {Record<string, number>} */
  const result = {};
  /** @type {Conflict[]} */
  const conflicts = [];
  let taken = 0;
  for (const place of new Set([...Object.keys(old), ...Object.keys(ours), ...Object.keys(others)])) {
    const changedByMe = ours[place] !== old[place];
    const changedByThem = others[place] !== old[place];
    const number = changedByMe ? ours[place] : others[place];
    if (number !== undefined) result[place] = number;
    if (changedByThem && !changedByMe) taken += 1;
    if (changedByThem && changedByMe && ours[place] !== others[place]) {
      const { level, name, limit } = partsOf(place);
      conflicts.push({ level, name, limit, mine: ours[place], theirs: others[place] });
    }
  }
  return { tolerances: nested(result), conflicts, taken };
}
