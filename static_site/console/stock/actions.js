// The bar of what can be done with the chosen rows, and how many of them are meant.
import { fill, h, sameKey } from "/shared/page.js";
import { startReadiness, startRound } from "../request/starting.js";
import { actionButton, rightNeeded, showFailure } from "../parts.js";
/** @import { Context } from "../../types/console" */
/** @import { ContractSelection } from "../../types/model" */
/** @import { Shown, Window } from "../../types/stock" */

/**
 * @param {Context} context
 * @param {{ kind: Shown, chosen: () => Promise<ContractSelection>, contracts: () => void, all: () => void, none: () => void }} place
 */
export function actionBar(context, { kind, chosen, contracts, all, none }) {
  const { t } = context;
  const failure = h("div", { class: "stock-failure" });
  const key = sameKey();

  /** @param {(selection: ContractSelection) => Promise<void>} action */
  const withChoice = (action) => async () => {
    fill(failure);
    try {
      await action(await chosen());
      context.model().ask("refresh", {});
    } catch (error) {
      showFailure(context, failure, error);
    }
  };
  const request = withChoice((selection) => startRound(context, selection, "request", key, { dueOrNot: true }));
  const remind = withChoice((selection) => startRound(context, selection, "reminder", key, { dueOrNot: true }));
  const ready = withChoice((selection) => startReadiness(context, selection, false));
  const readyDry = withChoice((selection) => startReadiness(context, selection, true));

  const count = h("strong");
  const hidden = h("span", { class: "muted" });
  const more = h("button", { type: "button", class: "link", on: { click: all } });
  const element = h("section", { class: "stock-actions", "aria-label": t("actions"), hidden: true },
    h("div", { class: "stock-meant" }, count, hidden, more),
    failure,
    kind === "contracts" && h("div", { class: "stock-buttons" },
      rightNeeded(context, "remind"),
      actionButton(context, { text: t("stock_request"), group: "remind", action: request }),
      actionButton(context, { text: t("stock_remind"), group: "remind", kind: "quiet", action: remind }),
      actionButton(context, { text: t("ready_dry"), group: "remind", kind: "quiet", action: readyDry }),
      actionButton(context, { text: t("ready_run"), group: "remind", kind: "quiet", action: ready })),
    kind !== "contracts" && h("button", { type: "button", class: "button", on: { click: contracts } }, t("stock_its_contracts")),
    h("button", { type: "button", class: "link", on: { click: none } }, t("stock_choose_none")));

  return {
    element,
    request: () => context.may("remind") && kind === "contracts" && request(),
    /** @param {Pick<Window, "chosen" | "hidden" | "total">} counts */
    show: (counts) => {
      element.hidden = counts.chosen === 0;
      count.textContent = t(`stock_chosen_${kind}`, { count: counts.chosen });
      hidden.textContent = counts.hidden ? t("stock_hidden", { count: counts.hidden }) : "";
      more.hidden = counts.chosen - counts.hidden === counts.total;
      more.textContent = t("stock_choose_all", { count: counts.total });
    },
  };
}
