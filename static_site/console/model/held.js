// The files of the newest snapshot as this device keeps them: encrypted by a key that the server gives to who is signed in.
/** @import { HeldSnapshot, Snapshot } from "../../types/model" */

const NAME = "meterportal/portfolio";
const STORE = "snapshots";
const NEWEST = "newest";

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
const result = (request) => new Promise((resolve, reject) => {
  request.addEventListener("success", () => resolve(request.result));
  request.addEventListener("error", () => reject(request.error));
});

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act
 */
async function stored(mode, act) {
  const opening = indexedDB.open(NAME, 1);
  opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore(STORE));
  const database = await result(opening);
  try {
    return await result(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/** @param {string} key 32 bytes in base64url */
function keyOf(key) {
  const bytes = Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/**
 * What seals one file; the file of another snapshot, or another file of this one, does not open with it.
 * @param {Uint8Array<ArrayBuffer>} iv
 * @param {string} version
 * @param {string} name
 */
const sealing = (iv, version, name) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(`${version} ${name}`) });

/** One thing at a time. A browser that keeps nothing (private window, full disk) holds nothing, which is no fault. */
export class Held {
  constructor() {
    /** @type {Promise<any>} */
    this.last = Promise.resolve();
  }

  /**
   * @template T
   * @param {() => Promise<T>} act
   * @returns {Promise<T | null>}
   */
  next(act) {
    this.last = this.last.then(act).catch(() => null);
    return this.last;
  }

  /**
   * What this device keeps, or null. What the key does not open, that of an ended session, goes.
   * @param {string} key
   * @returns {Promise<HeldSnapshot | null>}
   */
  recall(key) {
    return this.next(async () => {
      const found = await stored("readonly", (store) => store.get(NEWEST));
      if (!found) return null;
      try {
        const { version, after, built_at, files } = found;
        const opener = await keyOf(key);
        /** @type {Record<string, ArrayBuffer>} */
        const opened = {};
        for (const [name, { iv, sealed }] of Object.entries(files)) {
          opened[name] = await crypto.subtle.decrypt(sealing(iv, version, name), opener, sealed);
        }
        return { version, after, built_at, files: opened };
      } catch (error) {
        await stored("readwrite", (store) => store.clear());
        throw error;
      }
    });
  }

  /**
   * Keeps a snapshot in place of the one before.
   * @param {string} key
   * @param {Snapshot} snapshot
   * @param {Record<string, ArrayBuffer>} files by the names of their parts, as they were sent
   */
  keep(key, { version, after, built_at }, files) {
    return this.next(async () => {
      const sealer = await keyOf(key);
      /** @type {Record<string, { iv: Uint8Array<ArrayBuffer>, sealed: ArrayBuffer }>} */
      const sealed = {};
      for (const [name, file] of Object.entries(files)) {
        const iv = crypto.getRandomValues(new Uint8Array(12));
        sealed[name] = { iv, sealed: await crypto.subtle.encrypt(sealing(iv, version, name), sealer, file) };
      }
      await stored("readwrite", (store) => store.put({ version, after, built_at, files: sealed }, NEWEST));
    });
  }

  /** Keeps nothing any more. */
  clear() {
    return this.next(() => stored("readwrite", (store) => store.clear()));
  }
}
