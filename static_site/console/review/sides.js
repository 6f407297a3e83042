// The left side: how many values stand where, by finding and by decision; each number leads to its list.
import { fill, h } from "/shared/page.js";
import { DECISIONS, GROUPS } from "./groups.js";
/** @import { ReadingRow } from "../../types/console" */
/** @import { Voice } from "../../types/page" */
/** @import { GroupName } from "../../types/review" */

/**
 * @param {Voice} t
 * @param {(name: GroupName) => void} turnTo
 * @param {() => void} redraw
 */
export function sideList(t, turnTo, redraw) {
  const element = h("nav", { class: "review-groups", "aria-label": t("review_groups") });
  const lists = h("div");
  const only = { photo: false, reason: false };

  /** @param {"photo" | "reason"} name */
  function choice(name) {
    const box = h("input", {
      type: "checkbox",
      id: `review-only-${name}`,
      on: {
        change: () => {
          only[name] = box.checked;
          redraw();
        },
      },
    });
    return h("div", { class: "review-only" }, box, h("label", { for: box.id }, t(`review_only_${name}`)));
  }

  /**
   * @param {GroupName[]} names
   * @param {Map<GroupName, ReadingRow[]>} found
   * @param {GroupName | ""} here
   */
  const list = (names, found, here) => h("ul", {}, names.map((name) => h("li", {}, h("button", {
    type: "button",
    "aria-current": name === here ? "true" : null,
    on: { click: () => turnTo(name) },
  }, h("span", {}, t(`review_${name}`)), h("span", { class: "number" }, t.number(found.get(name)?.length ?? 0))))));

  fill(element,
    lists, h("h2", {}, t("review_only")), choice("photo"), choice("reason"), h("p", { class: "review-keys" }, t("review_keys")));
  return {
    element,
    /** Whether a row is wanted, by the boxes that are ticked. @param {ReadingRow} row */
    wants: (row) => (!only.photo || row.photos.length > 0) && (!only.reason || row.reason !== ""),
    /**
     * @param {Map<GroupName, ReadingRow[]>} found
     * @param {GroupName | ""} here
     */
    draw: (found, here) => fill(lists,
      h("h2", {}, t("review_groups")),
      list(GROUPS.filter((name) => found.get(name)?.length || name === here), found, here),
      h("h2", {}, t("review_decided")),
      list(DECISIONS, found, here)),
  };
}
