// The bar below everything: a dry run that starts by itself for whoever may release, then the one button that releases what it has shown.
import { fill, h, sameKey } from "/shared/page.js";
import { actionButton, follow, remembered, showFailure, showRunProblem } from "../parts.js";
/** @import { Context } from "../../types/console" */
/** @import { Child } from "../../types/page" */
/** @import { DryRun } from "../../types/review" */

const DRY_RUN = "release";
const YOUNG = 600_000; // milliseconds that a dry run is looked at again, instead of another one

/**
 * `unusual()` is how many values stay because a person has to decide about them.
 * @param {Context} context
 * @param {{ unusual: () => number, stopped: AbortSignal }} options
 */
export function releaseBar(context, { unusual, stopped }) {
  const { t } = context;
  const key = sameKey();
  const failure = h("div");
  const words = h("p", {}, t("review_dry_none"));
  const buttons = h("div", { class: "buttons" });

  /** @param {() => Promise<void>} action */
  async function attempt(action) {
    fill(failure);
    try {
      await action();
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  let offered = false;
  let outdated = false;

  /** Which dry run to look at: this tab's, as long as it is young, unless another one is wanted. @param {boolean} anew */
  async function begun(anew) {
    const known = /** @type {{ id: string, at: number } | null} */ (remembered.get(DRY_RUN));
    if (!anew && known && Date.now() - known.at < YOUNG) return known.id;
    const { id } = await context.call("POST", "/api/staff/releases", { body: { selection: { filter: {} }, dry_run: true } });
    remembered.put(DRY_RUN, { id, at: Date.now() });
    return id;
  }

  /** @type {Promise<void> | null} */
  let running = null;
  let waiting = false;

  /**
   * One at a time: a second one would only show what the first one is about to. After a decision the first one's answer
   * is no longer wanted, so another one follows it.
   */
  function dryRun(anew = true) {
    if (running && (waiting || !outdated)) return running;
    waiting = running !== null;
    const mine = Promise.resolve(running).then(() => {
      waiting = false;
      return attempt(() => look(anew));
    }).finally(() => {
      if (running === mine) running = null;
    });
    running = mine;
    return mine;
  }

  /** @param {boolean} anew */
  async function look(anew) {
    outdated = false;
    const id = await begun(anew);
    await follow(context, /** @type {const} */ (`/api/staff/releases/${encodeURIComponent(id)}`), {
      stopped,
      failure,
      draw: (answer) => {
        if (answer.state === "running") {
          fill(words, t("review_dry_running", { done: answer.done, machines: answer.machines }));
        } else if (answer.state === "done" && outdated) {
          grownOld();
        } else if (answer.state === "done") {
          offer({ id, releasable: answer.releasable, refused: answer.refused, machines: answer.machines }, answer.created_at);
        } else {
          fill(words);
          showRunProblem(context, failure, answer, { kind: "releases", group: "release" });
        }
      },
    });
  }

  /**
   * @param {DryRun} run
   * @param {string} at
   */
  function offer({ id, releasable, refused }, at) {
    const left = unusual();
    offered = true;
    fill(words,
      h("strong", {}, t("review_releasable", { count: releasable })),
      refused > 0 && [" · ", h("a", { href: `#/releases/${encodeURIComponent(id)}` }, t("review_refused", { count: refused }))],
      left > 0 && [" · ", h("span", { class: "muted" }, t("review_remaining", { count: left }))]);
    const release = () => attempt(async () => {
      const body = { selection: { filter: {}, snapshot: id }, dry_run: false };
      const started = await context.call("POST", "/api/staff/releases", { body, key: key(body) });
      remembered.put(DRY_RUN, null);
      context.go(`#/releases/${encodeURIComponent(started.id)}`);
    });
    offerButtons(
      h("span", { class: "muted small" }, t("review_dry_at", { time: t.time(at) }), " ",
        h("button", { type: "button", class: "link", on: { click: () => dryRun() } }, t("review_dry_again"))),
      releasable > 0 && go(t("review_release", { count: releasable }), release));
  }

  /**
   * @param {string} text
   * @param {() => unknown} action
   */
  function go(text, action) {
    const button = actionButton(context, { text, group: "release", action });
    button.append(h("kbd", {}, "G"));
    return button;
  }

  function grownOld() {
    offered = false;
    fill(words, t("review_dry_old"));
    offerButtons(go(t("review_dry_run"), () => dryRun()));
  }

  /** Whoever has gone to the button stands on the one that takes its place. @param {Child[]} content */
  function offerButtons(...content) {
    const stood = buttons.contains(document.activeElement);
    fill(buttons, ...content);
    if (stood) focusNext();
  }

  function focusNext() {
    /** @type {HTMLElement | null} */ (buttons.querySelector(".button") ?? buttons.querySelector("button"))?.focus();
  }

  fill(buttons, go(t("review_dry_run"), () => dryRun()));
  if (context.may("release")) dryRun(false); // so that what is plausible is released in two presses from anywhere
  return {
    element: h("section", { class: "review-release", "aria-label": t("review_title") }, words, failure, buttons),
    /** Something was decided: what a dry run has found, or is about to find, is no longer what a run would do. */
    changed: () => {
      remembered.put(DRY_RUN, null);
      outdated = true;
      if (offered) grownOld();
    },
    /** Moves the focus to the button that goes on. */
    focus: focusNext,
  };
}
