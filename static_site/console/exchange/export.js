// One export: its files, its lines, and the ERP's answer to all or some of them.
import { fill, h } from "/shared/page.js";
import { actionButton, follow, runBadge, showFailure, showRunProblem } from "../parts.js";
import { panel } from "../customer/tables.js";
import { answerWords } from "./exports.js";
import { linesPanel } from "./lines.js";
import { begunWords, names } from "./people.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { ExportPage, Names } from "../../types/exchange" */
/** @import { Voice } from "../../types/page" */

const PAUSE = 1000;

/**
 * How far an export has come: first its machines are gathered, then they are written.
 * @param {Voice} t
 * @param {ExportPage} run
 */
function progressWords(t, { progress }) {
  const { gathered, written } = progress ?? { gathered: 0, written: 0 };
  if (written) return t("export_writing", { done: written, of: gathered });
  return gathered ? t("export_gathered", { count: gathered }) : t("export_running");
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function exportView(context, node, { id, query, stopped }) {
  const { t } = context;
  const path = /** @type {const} */ (`/api/staff/exports/${encodeURIComponent(id)}`);
  const heading = h("h1", {}, t("export_title"));
  const about = h("p", { class: "muted" });
  const begun = h("p", { class: "muted side" });
  const failure = h("div", { class: "record-fault" });
  const problem = h("div", { class: "record-fault" });
  const body = h("div", { class: "record-body" });
  const bar = h("section", { class: "exchange-bar", "aria-label": t("acknowledgement") });
  /** @type {Promise<Names>} */
  const people = names(context, stopped);
  /** When the ERP's last answer was worked off, as the page shows it. @type {string | null} */
  let answeredAt = null;
  /** While an answer is under way: what `answeredAt` was before it. @type {string | null | undefined} */
  let waiting;

  /**
   * Sends an answer of the ERP and draws what has become of it; a large one is worked off by the queue.
   * @param {object} answer
   */
  async function acknowledge(answer) {
    waiting = answeredAt;
    await context.call("POST", /** @type {const} */ (`/api/staff/exports/${encodeURIComponent(id)}/ack`), { body: answer });
    look();
  }

  async function acknowledgeAll() {
    fill(failure);
    try {
      await acknowledge({ accepted: "open" });
    } catch (error) {
      showFailure(context, failure, error);
    }
  }

  /** @param {ExportPage} run */
  function drawBar(run) {
    const { open } = run.acknowledged;
    const text = h("p", {}, answerWords(t, run));
    const all = open > 0 && context.may("release")
      && actionButton(context, { text: t("acknowledge_all", { count: open }), group: "release", action: acknowledgeAll });
    fill(bar, text, h("div", { class: "buttons" }, all));
    /** @param {HTMLElement[]} buttons @param {number} count */
    return (buttons, count) => fill(bar,
      count ? h("p", {}, h("strong", {}, t("exchange_chosen", { count }))) : text,
      h("div", { class: "buttons" }, buttons.length ? buttons : all));
  }

  /** @param {ExportPage} run */
  function draw(run) {
    const { count, sum, already_billed: left } = run;
    heading.textContent = t("export_of", { time: t.time(run.created_at) });
    document.title = `${heading.textContent} – Meterportal`;
    people.then((known) => fill(begun, begunWords(context, known, run)));
    fill(problem);
    showRunProblem(context, problem, run, { kind: "exports", group: "release" });
    fill(about, runBadge(context, { state: run.state }), " ", run.state === "running" ? progressWords(t, run) : [
      t("export_readings", { count }),
      count > 0 && t("export_sum", { sum }),
      left > 0 && t("export_already_billed", { count: left }),
    ].filter(Boolean).join(", "));
    if (run.state !== "done") return;
    if (!count) {
      fill(body, !left && h("p", { class: "box" }, t("export_empty")));
      return;
    }
    const chosen = drawBar(run);
    fill(body,
      h("div", { class: "record-column" },
        linesPanel(context, node, { run, state: query.get("state") ?? "", stopped, answer: acknowledge, chosen })),
      h("div", { class: "record-column" }, panel(t("export_files"), null,
        h("ul", { class: "exchange-files" }, run.files.map((file) => h("li", {},
          h("a", { href: file.url, download: file.name }, file.name),
          file.sha256 && h("span", { class: "muted small cut", title: file.sha256 }, `SHA-256 ${file.sha256}`)))))));
    answeredAt = run.acknowledged.at;
    if (waiting !== undefined && waiting === answeredAt) {
      fill(failure, h("p", { class: "muted", role: "status" }, t("acknowledge_running")));
      setTimeout(() => stopped.aborted || look(), PAUSE);
    } else {
      waiting = undefined;
    }
  }

  const look = () => follow(context, path, { stopped, failure, draw });

  node.classList.add("record");
  fill(node,
    h("section", { class: "record-page", "aria-label": t("export_title") },
      h("nav", { class: "crumbs", "aria-label": t("customer_path") }, h("a", { href: "#/exports" }, t("exports_title")), " ›"),
      h("div", { class: "record-name" }, heading, about),
      begun),
    failure, problem, body, bar);
  look();
  return heading;
}
