// Answers that come in parts: one "more" for every result with a cursor.
import { fill, h } from "/shared/page.js";
import { showFailure } from "./parts.js";
/** @import { Context, Offer, Part } from "../types/console" */

/**
 * Offers the next part of `answer` in `foot`. `lists` names what grows; `draw(answer)` draws what is
 * known so far, the numbers being the newest.
 * @param {Context} context
 * @param {HTMLElement} foot
 * @template {Part & { state?: string }} Page
 * @param {Offer<Page>} offer
 */
export function offerMore(context, foot, { answer, path, lists, draw, stopped }) {
  fill(foot);
  const cursor = answer.next_cursor;
  if (!cursor || answer.state === "running") return;
  const failure = h("div");
  const button = h("button", { type: "button", class: "button quiet" }, context.t("more"));
  button.addEventListener("click", async () => {
    button.setAttribute("aria-disabled", "true");
    try {
      const next = /** @type {Page} */ (await context.call("GET", `${path}?cursor=${encodeURIComponent(cursor)}`, { signal: stopped }));
      const grown = Object.fromEntries(lists.map((list) => [list, [answer[list] ?? [], next[list] ?? []].flat()]));
      const joined = { ...answer, ...next, ...grown };
      draw(joined);
      offerMore(context, foot, { answer: joined, path, lists, draw, stopped });
    } catch (error) {
      button.removeAttribute("aria-disabled");
      showFailure(context, failure, error);
    }
  });
  foot.append(button, failure);
}
