// Lets Node load the pages' modules as a browser does: addresses of the site are files of static_site, and what
// modules ask of a browser as they are loaded is there, but shows nothing.
import { registerHooks } from "node:module";

const ROOT = new URL("../../static_site/", import.meta.url);

registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith("/")) return next(specifier, context);
    const path = specifier.startsWith("/shared/") ? specifier.slice(1) : `portal${specifier}`;
    return next(new URL(path, ROOT).href, context);
  },
});

/** The module at a path of static_site. */
export const load = (path) => import(new URL(path, ROOT).href);

/** What a device keeps; a test empties it before it begins. */
class Device {
  getItem(name) {
    return this[name] ?? null;
  }

  setItem(name, value) {
    this[name] = String(value);
  }

  removeItem(name) {
    delete this[name];
  }

  clear() {
    for (const name of Object.keys(this)) delete this[name];
  }
}

class Observer {
  observe() {}
}

const addEventListener = () => {};
const there = {
  localStorage: new Device(),
  sessionStorage: new Device(),
  IntersectionObserver: Observer,
  addEventListener,
  document: { addEventListener },
};
for (const [name, value] of Object.entries(there)) Object.defineProperty(globalThis, name, { value, configurable: true });
