// What became of each reading of a run: refused first, by reason, each with the way to mend it; the rest folded.
import { fill, h, sameKey } from "/shared/page.js";
import { ask } from "./dialog.js";
import { showFailure } from "./parts.js";
import { groupOf } from "./review/groups.js";
import { addressOf } from "./stock/address.js";
/** @import { Context, ProtocolLine, ReleasePage } from "../types/console" */
/** @import { Child } from "../types/page" */

const PAGE = 1000; // machines an answer
const FEW = 12; // lines of a group before "show more"
/** What the check found says more than that it was found. */
const BY_FINDING = ["implausible_now", "confirmed_by_customer"];

/**
 * The texts' name of the reason that a line stands under.
 * @param {ProtocolLine} line
 */
export function reasonOf({ code, findings_at_release: findings }) {
  if (code === null) return "refused";
  return BY_FINDING.includes(code) && findings.length ? `review_${groupOf({ findings, decision: null })}` : `reason_${code}`;
}

/**
 * Lines by reason, the reason with the most lines first.
 * @param {ProtocolLine[]} lines
 * @returns {[string, ProtocolLine[]][]}
 */
export function byReason(lines) {
  /** @type {Map<string, ProtocolLine[]>} */
  const found = new Map();
  for (const line of lines) found.set(reasonOf(line), [...(found.get(reasonOf(line)) ?? []), line]);
  return [...found].sort((a, b) => b[1].length - a[1].length);
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {{ id: string, stopped: AbortSignal }} place
 */
export function reportPanels(context, node, { id, stopped }) {
  const { t } = context;
  const path = /** @type {const} */ (`/api/staff/releases/${encodeURIComponent(id)}`);
  const failure = h("div");
  const refused = h("section", { class: "panel protocol", hidden: true });
  const released = h("details", { class: "panel protocol", hidden: true });

  /**
   * All lines with one result, however many answers that takes.
   * @param {"refused" | "released" | "releasable"} result
   */
  async function lines(result) {
    /** @type {ProtocolLine[]} */
    const found = [];
    /** @type {string | null} */
    let cursor = null;
    do {
      /** @type {URLSearchParams} */
      const asked = new URLSearchParams({ result, limit: String(PAGE), ...(cursor ? { cursor } : {}) });
      /** @type {ReleasePage} */
      const answer = await context.call("GET", `${path}?${asked}`, { signal: stopped });
      found.push(...answer.protocol);
      cursor = answer.next_cursor;
    } while (cursor);
    return found;
  }

  /** @param {() => Promise<void>} act */
  async function attempt(act) {
    fill(failure);
    try {
      await act();
    } catch (error) {
      showFailure(context, failure, error);
      if (!stopped.aborted) {
        failure.append(h("button", { type: "button", class: "button quiet", on: { click: () => attempt(act) } }, t("review_again")));
      }
    }
  }

  /** @param {ProtocolLine} line @param {HTMLElement} told */
  function byHand(line, told) {
    const reason = h("textarea", { id: "by-hand-reason", rows: "3", minlength: "3", maxlength: "500", required: true });
    const key = sameKey();
    ask(context, node, {
      title: t("protocol_by_hand"),
      content: [
        h("p", {}, t("protocol_by_hand_what", {
          meter: line.label || line.meter_id,
          value: line.value,
          machine: line.serial || line.machine_id,
        })),
        h("div", { class: "field" }, h("label", { for: reason.id }, t("by_hand_reason")), reason),
      ],
      go: t("protocol_by_hand_go"),
      act: async () => {
        // The run itself has written the machine since it looked at the value; what counts is that the value is the same.
        const now = await context.call("GET", `/api/staff/machines/${encodeURIComponent(line.machine_id)}`);
        const same = now.meters.find((one) => one.id === line.meter_id)?.period?.value === line.value;
        const body = { reason: reason.value.trim(), version: same ? now.version : line.version ?? 0 };
        const address = /** @type {const} */ (`/api/staff/readings/${encodeURIComponent(line.reading_id ?? "")}/release`);
        return context.call("POST", address, { body, key: key(body) });
      },
      done: () => {
        fill(told, t("protocol_released_now"));
        context.model().ask("refresh", {}).catch(() => {}); // It looks by itself in ten seconds.
      },
    });
  }

  /** @param {ProtocolLine} line @returns {Child} */
  function ways(line) {
    if (!line.reading_id || ["already_released", "unknown_machine"].includes(line.code ?? "")) return null;
    const told = h("span", {});
    fill(told,
      h("a", { href: `#/review?at=${encodeURIComponent(line.reading_id)}` }, t("protocol_check")),
      context.may("release") && [" ", h("button", {
        type: "button",
        class: "link",
        "aria-label": t("protocol_by_hand_of", { machine: line.serial || line.machine_id, meter: line.label }),
        on: { click: () => byHand(line, told) },
      }, t("protocol_by_hand_do"))]);
    return told;
  }

  /** @param {ProtocolLine} line */
  const row = (line) => h("tr", {},
    h("th", { scope: "row" }, line.company_id
      ? h("a", { href: addressOf("companies", line.company_id, line.company_id) }, line.company || line.company_id)
      : "–"),
    h("td", {}, h("a", { href: addressOf("machines", line.company_id ?? "", line.machine_id) }, line.serial || line.machine_id)),
    h("td", {}, line.label || line.meter_id || "–"),
    h("td", { class: "number right strong" }, line.value === null ? "–" : t.number(line.value)),
    h("td", { class: "reason" }, line.reason ?? ""),
    h("td", { class: "right" }, line.result === "refused" && ways(line)));

  /** @param {ProtocolLine[]} all @param {string} caption @param {HTMLElement[]} bodies */
  const sheet = (all, caption, bodies) => h("div", { class: "scroll" }, h("table", {},
    h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {},
      h("th", { scope: "col" }, t("company")),
      h("th", { scope: "col" }, t("review_serial")),
      h("th", { scope: "col" }, t("meter")),
      h("th", { scope: "col", class: "right" }, t("protocol_value")),
      h("th", { scope: "col" }, t("reason")),
      h("th", { scope: "col" }, h("span", { class: "unseen" }, t("protocol_ways"))))),
    bodies));

  /**
   * The first lines, and the rest when asked for.
   * @param {ProtocolLine[]} all
   * @param {HTMLElement | null} head
   */
  function body(all, head) {
    const made = h("tbody", {}, head, all.slice(0, FEW).map(row));
    if (all.length <= FEW) return made;
    made.append(h("tr", {}, h("td", { colspan: "6" }, h("button", {
      type: "button",
      class: "link",
      on: {
        click: (event) => {
          if (event.currentTarget instanceof Element) event.currentTarget.closest("tr")?.replaceWith(...all.slice(FEW).map(row));
        },
      },
    }, t("protocol_more", { count: all.length - FEW })))));
    return made;
  }

  /** @param {ProtocolLine[]} all */
  function drawRefused(all) {
    refused.hidden = !all.length;
    fill(refused,
      h("div", { class: "panel-head" }, h("h2", {}, t("protocol_refused")),
        h("span", { class: "muted" }, t("protocol_refused_count", { count: all.length }))),
      sheet(all, t("protocol_refused"), byReason(all).map(([reason, some]) => body(some, h("tr", { class: "group-row" },
        h("th", { colspan: "6", scope: "rowgroup" }, t(reason), " ", h("span", { class: "muted" }, t.number(some.length)),
          t.knows(`${reason}_what`) && h("span", { class: "muted what" }, t(`${reason}_what`))))))));
  }

  /** @param {ReleasePage} answer */
  function offerReleased(answer) {
    const count = answer.dry_run ? answer.releasable : answer.released;
    const result = answer.dry_run ? "releasable" : "released";
    const inside = h("div");
    released.hidden = !count;
    fill(released, h("summary", {}, h("strong", {}, t(result)), " ", h("span", { class: "muted" }, t("review_count", { count }))), inside);
    released.addEventListener("toggle", () => {
      if (!released.open || inside.childElementCount) return;
      attempt(async () => {
        const all = await lines(result);
        fill(inside, sheet(all, t(result), [body(all, null)]));
      });
    });
  }

  return {
    element: h("div", { class: "protocol-panels" }, failure, refused, released),
    /** The run has ended. @param {ReleasePage} answer */
    draw: (answer) => attempt(async () => {
      offerReleased(answer);
      drawRefused(answer.refused ? await lines("refused") : []);
    }),
  };
}
