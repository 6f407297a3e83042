// The sheet that was handed in last: checked, and kept for its tab, so that its result is there again after a reload.
import { NetworkLost, ownerOf } from "/shared/page.js";
/** @import { Session, Sheet, SignedIn } from "../../types/portal" */

const KEPT = "meterportal.sheet";
const BYTES = "application/octet-stream"; // the gateway would take text/* for UTF-8
const AT_ONCE = 0x8000; // bytes that are arguments of one call

/** @type {WeakMap<Session, Sheet>} what is held goes with its session */
const held = new WeakMap();
let turn = 0; // counts what is handed in: an answer that comes late is none of a later file's

/** @param {ArrayBuffer} body */
function packed(body) {
  const bytes = new Uint8Array(body);
  let text = "";
  for (let at = 0; at < bytes.length; at += AT_ONCE) text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  return btoa(text);
}

/** @param {string} text */
const unpacked = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;

/**
 * Keeps it for this tab; where there is no room, the page asks for the file again after a reload.
 * @param {SignedIn} app
 * @param {Sheet} sheet
 */
export function keepSheet(app, sheet) {
  const { session } = app;
  if (!session || held.get(session) !== sheet) return; // Logged out meanwhile, or another file came.
  const { name, isStored, drafted } = sheet;
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ of: ownerOf(session), name, isStored, drafted, body: packed(sheet.body) }));
  } catch {
    dropKept();
  }
}

function dropKept() {
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    // Nothing was kept.
  }
}

/**
 * @param {Session} session
 * @returns {Sheet | undefined}
 */
function restored(session) {
  try {
    const { of: owner, body, ...sheet } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    return owner === ownerOf(session) ? { ...sheet, body: unpacked(body), told: null, language: null, fault: null } : undefined;
  } catch {
    return undefined; // Nothing can be kept here, or it is not ours.
  }
}

/**
 * What is held for this session, if anything.
 * @param {SignedIn} app
 */
export function heldSheet({ session }) {
  const sheet = held.get(session) ?? restored(session);
  if (sheet) held.set(session, sheet);
  return sheet;
}

/** Another company's is kept for this tab: it is there again once somebody reports for that one. */
export function isElsewhere() {
  try {
    return sessionStorage.getItem(KEPT) !== null;
  } catch {
    return false;
  }
}

/** @param {SignedIn} app */
export function forgetSheet({ session }) {
  turn += 1;
  held.delete(session);
  dropKept();
}

/**
 * The same with what is said of it in the page's language; it is asked for again where that is not there.
 * @param {SignedIn} app
 */
export async function current(app) {
  const sheet = heldSheet(app);
  const { language } = app.t;
  if (sheet && !sheet.fault && sheet.language !== language) {
    const told = await app.call("POST", "/api/fleet?dry_run=1", { body: sheet.body, type: BYTES });
    Object.assign(sheet, { language, told: { ...told, dry_run: !sheet.isStored } }); // What is stored stands there already.
  }
  return sheet;
}

/**
 * Has a file checked, in the place of any that was held before. Throws what the API refuses; nothing is held then.
 * @param {SignedIn} app
 * @param {Blob} file
 * @param {string} name
 */
export async function handIn(app, file, name) {
  const { session } = app;
  forgetSheet(app);
  const mine = turn;
  // Read now: a file that changes meanwhile is not the one that was checked.
  const body = await file.arrayBuffer().catch(() => Promise.reject(new NetworkLost()));
  const { language } = app.t;
  const told = await app.call("POST", "/api/fleet?dry_run=1", { body, type: BYTES });
  if (mine !== turn) return;
  /** @type {Sheet} */
  const sheet = { body, name, told, language, isStored: false, drafted: {}, fault: null };
  held.set(session, sheet);
  keepSheet(app, sheet);
}

/**
 * A file that could not be checked: its page says why, and holds nothing of the one before.
 * @param {SignedIn} app
 * @param {string} name
 * @param {string} fault
 */
export function failed(app, name, fault) {
  forgetSheet(app);
  held.set(app.session, { body: new ArrayBuffer(0), name, told: null, language: null, isStored: false, drafted: {}, fault });
}

/**
 * Stores what is ready; the answer says of the whole sheet what has become of it.
 * @param {SignedIn} app
 * @param {Sheet} sheet
 * @param {string} key the same for the same request
 */
export async function store(app, sheet, key) {
  const { language } = app.t;
  const told = await app.call("POST", "/api/fleet", { body: sheet.body, type: BYTES, key });
  Object.assign(sheet, { told, language, isStored: true });
}
