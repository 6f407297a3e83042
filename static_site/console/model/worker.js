// The worker that holds the rows: one for all tabs, or one a tab where browsers share none.
import { Keeper } from "./keeper.js";
/** @import { Port } from "../../types/model" */

const keeper = new Keeper();

/** @param {MessagePort | (Port & EventTarget)} port */
function serve(port) {
  const session = keeper.join(port);
  port.addEventListener("message", (event) => keeper.take(session, /** @type {MessageEvent} */ (event).data));
}

self.addEventListener("connect", (event) => {
  const [port] = /** @type {MessageEvent} */ (event).ports;
  serve(port);
  port.start();
});
if (!("onconnect" in self)) serve(self);
