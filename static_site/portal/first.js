// The door on a device that knows no link yet: who asks, what for, one button.
import { fill, h } from "/shared/page.js";
/** @import { App } from "../types/portal" */

const READY = "meterportal.ready";

/** Has the API's function start while the door is read: once a visit, for nobody, and nothing waits for it. */
function ready() {
  try {
    if (sessionStorage.getItem(READY)) return;
    sessionStorage.setItem(READY, "1");
  } catch {
    return; // Where nothing can be kept, no machine opens either.
  }
  fetch("/api/door", { credentials: "omit" }).catch(() => {});
}

/**
 * The door before the tap; gives its heading.
 * @param {App} app
 * @param {HTMLElement} node
 * @param {string | undefined} dealer
 */
export function closedDoor({ t, open }, node, dealer) {
  ready();
  const heading = h("h1", {}, t("door_title"));
  const [before, after] = t("door_lead", { dealer: "\n" }).split("\n");
  const go = h("button", { type: "button", class: "button large wide", on: {
      click: () => {
        if (go.disabled) return;
        go.disabled = true;
        open();
      },
    } }, t("door_go"));
  fill(node,
    h("div", { class: "door first" }, heading,
      h("p", { class: "lead" }, before, h("strong", {}, dealer || t("door_dealer")), after), h("p", {}, go),
      h("ul", { class: "muted" }, ["door_kept", "door_asks"].map((key) => h("li", {}, h("strong", {}, t(key)), " ", t(`${key}_how`)))),
      h("p", { class: "muted small" }, t("door_privacy"))));
  return heading;
}
