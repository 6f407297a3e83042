// How fresh the rows are, and the row at the foot: where one is, or what went wrong.
import { fill, h } from "/shared/page.js";
/** @import { Context } from "../../types/console" */
/** @import { Standing } from "../../types/model" */

/**
 * @param {Context} context
 * @param {{ again: () => void, reorder: () => void, stopped: AbortSignal }} place
 */
export function statusOf(context, { again, reorder, stopped }) {
  const { t } = context;
  const freshness = h("p", { class: "stock-fresh" });
  const words = h("span");
  const next = h("span", { class: "muted" });
  const side = h("span", { class: "stock-side" });
  const element = h("section", { class: "stock-status", role: "status" }, words, next, side);
  /** @type {Standing | null} */
  let standing = null;
  let where = "";
  let moved = false;

  const times = new Intl.DateTimeFormat(t.language === "de" ? "de-DE" : "en-GB", { hour: "2-digit", minute: "2-digit" });
  /** @param {number} at */
  const clock = (at) => times.format(at);

  function tick() {
    const at = standing?.fault?.retryAt;
    if (at) next.textContent = t("stock_next_try", { seconds: Math.max(0, Math.ceil((at - Date.now()) / 1000)) });
  }

  function draw() {
    if (!standing) return;
    const { fault, phase, parts, checkedAt, current } = standing;
    const bad = Boolean(fault);
    element.classList.toggle("bad", bad);
    freshness.classList.toggle("bad", bad);
    fill(next);
    if (fault) {
      const time = parts.length && checkedAt ? clock(checkedAt) : "";
      freshness.textContent = time ? t("stock_as_of", { time }) : "";
      const sentence = t(fault.status >= 400 && fault.status < 500 ? "stock_refused" : "stock_no_answer");
      fill(words, h("strong", {}, sentence), time && ` ${t("stock_still", { time })} `);
      tick();
      fill(side, fault.correlation && h("span", { class: "muted" }, t("correlation", { id: fault.correlation })),
        h("button", { type: "button", class: "tool", on: { click: again } }, t("stock_again")));
      return;
    }
    const waits = phase === "building" ? "stock_building" : phase !== "ready" && "stock_loading";
    freshness.classList.toggle("behind", !current);
    freshness.textContent = phase === "ready" ? t(current ? "stock_current" : "stock_behind", { time: clock(checkedAt) }) : "";
    words.textContent = waits ? t(waits) : where;
    fill(side,
      moved && h("button", { type: "button", class: "link", on: { click: reorder } }, t("stock_moved")),
      !waits && h("span", { class: "muted keys" }, t("stock_keys")));
  }

  const timer = setInterval(tick, 1000);
  stopped.addEventListener("abort", () => clearInterval(timer));
  return {
    element,
    freshness,
    /** @param {Standing} now */
    stand: (now) => {
      standing = now;
      draw();
    },
    /** @param {{ where?: string, moved?: boolean }} news */
    show: (news) => {
      where = news.where ?? where;
      moved = news.moved ?? moved;
      draw();
    },
  };
}
