// The menus of a list's columns and of its views with a name.
import { fill, h } from "/shared/page.js";
import { menu } from "./menu.js";
import { withColumns, withView, withoutView } from "./kept.js";
/** @import { Voice } from "../../types/page" */
/** @import { GridColumn, Shown } from "../../types/stock" */
/** @import { Kept } from "./kept.js" */

/**
 * @param {Voice} t
 * @param {Shown} kind
 * @param {GridColumn<any>[]} all
 * @param {Kept} kept
 */
export function columnMenu(t, kind, all, kept) {
  return menu(t("stock_columns"), "columns", (panel) => {
    const draw = () => {
      const set = kept.now.columns[kind];
      fill(panel,
        all.map((column, place) => h("label", { class: "menu-option" },
          h("input", {
            type: "checkbox",
            checked: set[column.key] ?? !column.optional,
            disabled: place === 0,
            on: {
              change: (event) => {
                const { checked } = /** @type {HTMLInputElement} */ (event.target);
                kept.keep((settings) => withColumns(settings, kind, { [column.key]: checked }));
              },
            },
          }),
          h("span", {}, column.group ? `${column.group}, ${column.label}` : column.label))),
        h("button", {
          type: "button",
          class: "link",
          on: {
            click: () => {
              kept.keep((settings) => withColumns(settings, kind, null));
              draw();
              panel.focus();
            },
          },
        }, t("stock_columns_reset")));
    };
    draw();
  });
}

/**
 * Views by name: each is an address of a list.
 * @param {Voice} t
 * @param {Shown} kind
 * @param {Kept} kept
 * @param {() => string} address of the present list
 */
export function viewMenu(t, kind, kept, address) {
  return menu(t("stock_views"), "views", (panel, close) => {
    const draw = () => {
      const known = kept.now.views.filter((one) => one.list === kind);
      const name = h("input", { type: "text", "aria-label": t("stock_view_name"), placeholder: t("stock_view_name"), maxlength: 40 });
      /** @param {Parameters<Kept["keep"]>[0]} change */
      const put = (change) => {
        kept.keep(change);
        draw();
        panel.querySelector("input")?.focus();
      };
      fill(panel,
        known.length ? h("ul", {}, known.map((view) => h("li", {},
          h("a", { href: `#/stock/${kind}${view.query && `?${view.query}`}`, on: { click: close } }, view.name),
          h("button", {
            type: "button",
            class: "link",
            "aria-label": t("stock_view_drop", { name: view.name }),
            on: { click: () => put((settings) => withoutView(settings, view)) },
          }, "×")))) : h("p", { class: "muted" }, t("stock_views_none")),
        h("form", {
          on: {
            submit: (event) => {
              event.preventDefault();
              const view = { list: kind, name: name.value.trim(), query: address().split("?")[1] ?? "" };
              if (view.name) put((settings) => withView(settings, view));
            },
          },
        }, name, h("button", { type: "submit", class: "tool" }, t("stock_view_save"))));
    };
    draw();
  });
}
