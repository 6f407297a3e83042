// One round by its number: a dry run is a proposal to send, everything else is looked at by what became of its mails.
import { fill, h } from "/shared/page.js";
import { follow, showRunProblem } from "../parts.js";
import { deliveriesView } from "./deliveries.js";
import { sendingView } from "./sending.js";
/** @import { Context, Place } from "../../types/console" */

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function roundView(context, node, place) {
  const { t } = context;
  const heading = h("h1", { class: "unseen" }, t("round_title_request"));
  const failure = h("div");
  const wait = h("p", { class: "muted request-wait", role: "status" }, t("loading"));
  const body = h("div", { class: "request-body" }, wait);
  fill(node, h("div", { class: "request" }, heading, failure, body));
  const drawn = new AbortController();
  place.stopped.addEventListener("abort", () => drawn.abort());
  follow(context, /** @type {const} */ (`/api/staff/rounds/${encodeURIComponent(place.id)}?limit=1`), {
    stopped: drawn.signal,
    failure,
    draw: (head) => {
      const address = `#/${head.dry_run ? "sending" : "deliveries"}/`;
      if (!location.hash.startsWith(address)) {
        drawn.abort();
        location.replace(`${address}${encodeURIComponent(place.id)}`);
        return;
      }
      heading.textContent = t(`round_title_${head.kind}`);
      document.title = `${heading.textContent} – Meterportal`;
      if (!head.dry_run) {
        drawn.abort(); // the view follows it by itself
        deliveriesView(context, body, { ...place, head });
      } else if (head.state === "done") sendingView(context, body, { ...place, head });
      else {
        showRunProblem(context, failure, head, { kind: "rounds", group: "remind" });
        fill(body, h("p", { class: "muted request-wait", role: "status" }, t(head.state === "running" ? "dry_running" : "run_failed")));
      }
    },
  }).then(() => wait.remove());
  return heading;
}

/**
 * The newest round of a kind: the tab of its own leads to it.
 * @param {boolean} dry
 * @returns {(context: Context, node: HTMLElement, place: Place) => HTMLElement}
 */
export const newestRound = (dry) => (context, node, { stopped }) => {
  const { t } = context;
  const heading = h("h1", { class: "unseen" }, t(dry ? "nav_sending" : "nav_deliveries"));
  const failure = h("div");
  const body = h("div", { class: "request-empty" }, h("p", { class: "muted", role: "status" }, t("loading")));
  fill(node, h("div", { class: "request" }, heading, failure, body));
  follow(context, /** @type {const} */ ("/api/staff/rounds?limit=50"), {
    stopped,
    failure,
    draw: ({ rounds }) => {
      const newest = rounds.find((one) => one.dry_run === dry);
      if (newest) {
        location.replace(`#/${dry ? "sending" : "deliveries"}/${encodeURIComponent(newest.id)}`);
        return;
      }
      const way = h("a", { href: "#/readiness" }, t("to_readiness"));
      fill(body, h("p", { class: "box" }, t(dry ? "sending_none" : "deliveries_none"), " ", way));
    },
  });
  return heading;
};
