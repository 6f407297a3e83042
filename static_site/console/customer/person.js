// What can be done about one person beside the month's work: look as the customer does, hand out their data, erase them.
import { openDialog } from "/shared/dialog.js";
import { fill, h, say } from "/shared/page.js";
import { showFailure } from "../parts.js";
import { saveFile } from "../saving.js";
/** @import { Context } from "../../types/console" */
/** @import { ContactCard, Erased, PersonAct, PersonalData } from "../../types/records" */

const PAUSE = 2000; // between two looks at an erasure that waits for a new snapshot of the lists

/**
 * All parts of a person's data, put together.
 * @param {Context} context
 * @param {string} id
 */
async function allData(context, id) {
  /** @type {Record<string, unknown[]>} */
  const data = {};
  /** @type {PersonalData | null} */
  let part = null;
  do {
    const query = part?.next_cursor ? `?${new URLSearchParams({ cursor: part.next_cursor })}` : "";
    const path = /** @type {const} */ (`/api/staff/contacts/${encodeURIComponent(id)}/data${query}`);
    part = /** @type {PersonalData} */ (await context.call("GET", path));
    for (const [kind, rows] of Object.entries(part.data)) data[kind] = [...(data[kind] ?? []), ...rows];
  } while (part.next_cursor);
  return { contact_id: id, as_of: part.as_of, data };
}

/**
 * What would go, by kind.
 * @param {Context} context
 * @param {string} id
 */
async function wouldGo(context, id) {
  /** @type {Record<string, number>} */
  const counts = {};
  /** @type {Erased | null} */
  let part = null;
  do {
    const query = new URLSearchParams({ dry_run: "true", ...(part?.next_cursor ? { cursor: part.next_cursor } : {}) });
    part = await erasing(context, id, query);
    for (const [kind, count] of Object.entries(part.counts)) counts[kind] = (counts[kind] ?? 0) + count;
  } while (part.next_cursor);
  return { counts, shared: part.shared_address };
}

/**
 * @param {Context} context
 * @param {string} id
 * @param {URLSearchParams} query
 */
const erasing = async (context, id, query) => /** @type {Erased} */ (
  await context.call("DELETE", /** @type {const} */ (`/api/staff/contacts/${encodeURIComponent(id)}/data?${query}`)));

/**
 * Asks again and again until an erasure is done; `told(answer)` hears how far it is. Who leaves can go on with it later.
 * @param {Context} context
 * @param {string} id
 * @param {(answer: Erased) => void} told
 */
export async function eraseToTheEnd(context, id, told) {
  for (let last = -1; ;) {
    const answer = await erasing(context, id, new URLSearchParams({ dry_run: "false" }));
    told(answer);
    if (answer.state === "done") return;
    if (answer.done === last) await new Promise((on) => { setTimeout(on, PAUSE); });
    last = answer.done;
  }
}

/**
 * The dialog that erases: what goes, the name typed once more, then how far it is.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {ContactCard} contact
 * @param {() => unknown} changed
 */
function eraseDialog(context, node, contact, changed) {
  const { t } = context;
  const name = contact.name || contact.id;
  const failure = h("div");
  const what = h("div", {}, h("p", { class: "muted" }, t("erase_counting")));
  const typed = h("input", { id: "erase-name", type: "text", autocomplete: "off", required: true, "aria-describedby": "erase-hint" });
  const go = h("button", { type: "submit", class: "button", disabled: true }, t("erase_go", { name }));
  const progress = h("progress", { max: "1", value: "0", "aria-label": t("erase_progress") });
  const waits = h("p", { class: "muted", role: "status" });
  const fits = () => typed.value.trim() === name;
  let begun = false;
  typed.addEventListener("input", () => {
    go.disabled = !fits() || begun;
  });

  async function count() {
    try {
      const { counts, shared } = await wouldGo(context, contact.id);
      const kinds = Object.entries(counts).filter(([kind]) => t.knows(`erase_kind_${kind}`));
      fill(what,
        h("p", {}, t("erase_goes", { name })),
        h("ul", { class: "erase-kinds" }, kinds.map(([kind, number]) =>
          h("li", {}, h("span", { class: "number" }, t.number(number)), " ", t(`erase_kind_${kind}`, { count: number })))),
        h("p", {}, t("erase_files")),
        shared && h("p", { class: "box warn" }, t("erase_shared")),
        h("p", { class: "muted" }, t("erase_stays")));
    } catch (error) {
      fill(what);
      showFailure(context, failure, error);
    }
  }

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    if (begun || !fits()) return;
    begun = true;
    go.disabled = true;
    fill(failure);
    if (!progress.isConnected) what.append(progress, waits);
    try {
      await eraseToTheEnd(context, contact.id, ({ done, of, waits: why }) => {
        progress.value = done / of;
        if (waits.textContent !== (why ?? "")) waits.textContent = why ?? "";
      });
      dialog.close();
      say(t("erase_done"));
      changed();
    } catch (error) {
      showFailure(context, failure, error);
      begun = false;
      go.disabled = false;
      go.textContent = t("erase_on");
    }
  }

  const dialog = openDialog(node, t("erase_title", { name }), h("form", { class: "stack", on: { submit } },
    what,
    h("div", { class: "field" },
      h("label", { for: typed.id }, t("erase_type")), typed,
      h("p", { class: "muted small", id: "erase-hint" }, t("erase_hint", { name }))),
    failure,
    h("div", { class: "buttons" }, go,
      h("button", { type: "button", class: "button quiet", on: { click: () => dialog.close() } }, t("cancel")))), "stack");
  count();
}

/**
 * The button of a contact's row that opens what there is.
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {ContactCard} contact
 * @param {{ changed: () => unknown, acts: PersonAct[] }} place `acts` come first; what they ask takes the place of the dialog
 */
export function moreButton(context, node, contact, { changed, acts: first }) {
  const { t } = context;
  const name = contact.name || t("contact_no", { id: contact.id });

  function open() {
    const failure = h("div");
    let busy = false;
    async function save() {
      if (busy) return;
      busy = true;
      fill(failure, h("p", { class: "muted", role: "status" }, t("person_collecting")));
      try {
        const whole = await allData(context, contact.id);
        saveFile(new Blob([JSON.stringify(whole, null, 2)], { type: "application/json" }), `${contact.id}.json`);
        fill(failure, h("p", { class: "box good", role: "status" }, t("person_saved", { file: `${contact.id}.json` })));
      } catch (error) {
        showFailure(context, failure, error);
      } finally {
        busy = false;
      }
    }
    const acts = [
      first.map(({ words, key, what, act }) => h("li", {},
        h("button", {
          type: "button",
          class: "button quiet",
          on: {
            click: () => {
              dialog.close();
              act();
            },
          },
        }, words, key && h("kbd", { "aria-hidden": "true" }, key)),
        h("p", { class: "muted small" }, what))),
      h("li", {},
        h("a", { class: "button quiet", href: `#/view/${encodeURIComponent(contact.id)}` }, t("person_view")),
        h("p", { class: "muted small" }, t("person_view_what"))),
      context.may("admin") && h("li", {},
        h("button", { type: "button", class: "button quiet", on: { click: save } }, t("person_export")),
        h("p", { class: "muted small" }, t("person_export_what"))),
      context.may("admin") && h("li", {},
        h("button", {
          type: "button",
          class: "button quiet",
          on: {
            click: () => {
              dialog.close();
              eraseDialog(context, node, contact, changed);
            },
          },
        }, t("person_erase")),
        h("p", { class: "muted small" }, t("person_erase_what"))),
    ];
    const dialog = openDialog(node, name, [
      h("ul", { class: "person-acts" }, acts),
      failure,
      h("div", { class: "buttons" },
        h("button", { type: "button", class: "button quiet", on: { click: () => dialog.close() } }, t("person_close"))),
    ], "stack");
  }

  return h("button", {
    type: "button", class: "link", id: `more-${contact.id}`, "aria-label": t("person_more_of", { name }), on: { click: open },
  }, t("person_more"));
}
