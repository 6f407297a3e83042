// The machines of the customer before and behind this one, in the order of its list: K and J lead there.
import { fill, h } from "/shared/page.js";
import { addressOf, specOf } from "../stock/address.js";
/** @import { Context } from "../../types/console" */
/** @import { MachinePage } from "../../types/records" */

const KEYS = { k: "machine_previous", j: "machine_next" };

/** @param {Context} context */
export function besideMachine(context) {
  const { t } = context;
  const element = h("nav", { class: "machine-beside side", "aria-label": t("machine_beside") });
  /** @type {Record<string, string>} */
  let ways = {};

  return {
    element,
    /**
     * Goes where a letter leads; whether it leads anywhere.
     * @param {string} key
     */
    go: (key) => {
      const way = ways[key];
      if (way) context.go(way);
      return Boolean(way);
    },
    /**
     * From the rows that the browser holds; without them there is nothing to go by.
     * @param {MachinePage} machine
     */
    draw: async ({ id, company }) => {
      const spec = specOf("machines", new URLSearchParams({ company: company.id, ended: "1" }));
      const model = context.model();
      const at = await model.ask("place", { spec, company: company.id, id });
      if (at === null || at < 0) return;
      const from = Math.max(0, at - 1);
      const { rows, total } = await model.ask("window", { spec, from, count: at - from + 2, fresh: false });
      const [before, behind] = [at > 0 ? rows[0] : undefined, rows[at - from + 1]];
      ways = {};
      fill(element, /** @type {const} */ ([["k", before], ["j", behind]]).map(([key, row]) => {
        if (!row) return null;
        ways[key] = addressOf("machines", row.company_id, row.id);
        return h("a", { href: ways[key] }, h("kbd", { "aria-hidden": "true" }, key.toUpperCase()), " ", t(KEYS[key]));
      }), total > 1 && h("span", { class: "muted" }, t("machine_of_all", { count: total })));
    },
  };
}
