// The page without a network: its own files, kept as one set, and the dealer's look. Never what the API says.
importScripts("/precache.js"); // PRECACHE = {version, files}: written from the files' contents when the site is served.

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const CACHE = `meterportal-${PRECACHE.version}`;
const PATIENCE = 4000; // ms that a kept file waits for the network
const ELSEWHERE = /^\/(api|staff|_local|oauth2|login|logout|photos)(\/|$)/;
const LOOK = "/brand/look.css";
const files = new Set(PRECACHE.files);

/**
 * Keeps the dealer's styles, and the logo that they name. They are no part of the set: they change
 * without it, or are missing.
 * @returns {Promise<void>}
 */
async function keepLook() {
  const [cache, sheet] = await Promise.all([caches.open(CACHE), fetch(LOOK)]);
  if (!sheet.ok) return;
  const [logo] = (await sheet.clone().text()).match(/\/brand\/\w+\.(png|jpg)/) || [];
  await Promise.all([cache.put(LOOK, sheet), logo && cache.add(logo)]);
}

worker.addEventListener("install", (event) => {
  const all = PRECACHE.files.map((path) => new Request(path, { cache: "reload" }));
  const ours = caches.open(CACHE).then((cache) => cache.addAll(all));
  event.waitUntil(ours.then(() => keepLook().catch(() => {})).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  const forgetOthers = caches.keys().then((names) =>
    Promise.all(names.filter((name) => name.startsWith("meterportal-") && name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(forgetOthers.then(() => worker.clients.claim()));
});

/**
 * The network's answer; the kept file when there is none, or none in time.
 * @param {Request} request
 * @param {string} path
 * @returns {Promise<Response>}
 */
async function answer(request, path) {
  const kept = await caches.open(CACHE).then((cache) => cache.match(path));
  if (!kept) return fetch(request);
  /** @type {Promise<Response>} */
  const late = new Promise((go) => setTimeout(go, PATIENCE, kept));
  return Promise.race([fetch(request).catch(() => kept), late]);
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || ELSEWHERE.test(pathname)) return;
  if (request.mode === "navigate") event.respondWith(answer(request, "/"));
  else if (files.has(pathname) || pathname.startsWith("/brand/")) event.respondWith(answer(request, pathname));
  // From the browser's own cache, mostly.
  if (pathname === LOOK) event.waitUntil(keepLook().catch(() => {}));
});
