// A question by mail waits ten seconds: how long U still takes it back, then that it is on its way.
import { fill, h, say } from "/shared/page.js";
/** @import { Context } from "../../types/console" */

const WAITS = 10;

/**
 * @param {Context} context
 * @param {AbortSignal} stopped
 */
export function questionNote({ t }, stopped) {
  const element = h("p", { class: "review-question", hidden: true });
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let clock;

  function clear() {
    clearInterval(clock);
    element.hidden = true;
    fill(element);
  }

  stopped.addEventListener("abort", clear);
  return {
    element,
    clear,
    /** @param {string} name whom the question goes to */
    wait: (name) => {
      clear();
      let left = WAITS;
      const seconds = h("span", { class: "number" }, String(left));
      element.hidden = false;
      fill(element, t("review_question_waits", { name }), " ", seconds, " s · ", h("kbd", {}, "U"), " ", t("review_undo"));
      say(t("review_question_waits", { name }));
      clock = setInterval(() => {
        left -= 1;
        seconds.textContent = String(left);
        if (left > 0) return;
        clearInterval(clock);
        fill(element, t("review_question_sent", { name }));
      }, 1000);
    },
  };
}
