// The dealer's name, logo, colours and addresses, as portal and mails show them.
import { aborted, fill, focusOn, h, refusal } from "/shared/page.js";
import { actionButton, head, remembered, rightNeeded, showFailure, showLost } from "../parts.js";
import { logoPart } from "./logo.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { Look, UnsavedLook } from "../../types/look" */

const FIELDS = /** @type {const} */ (["name", "head", "accent", "imprint", "privacy"]);
const KEPT = "look";
const EXAMPLES = /** @type {Record<string, string>} */ ({ head: "#0d2f3a", accent: "#0a6070" });

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function lookView(context, node, { stopped }) {
  const { t } = context;
  const editable = context.may("admin");
  // Set by load(), before anything of the view can be used.
  /** @type {Look} */
  let stored;
  const failure = h("div");
  const told = h("div");
  const inputs = /** @type {Record<typeof FIELDS[number], HTMLInputElement>} */ (Object.fromEntries(FIELDS.map((field) => [field,
    h("input", { id: `look-${field}`, type: "text", maxlength: "300", autocomplete: "off", "aria-describedby": `look-${field}-about` })])));
  const faults = Object.fromEntries([...FIELDS, "logo"].map((field) => [field, h("p", { class: "fault", id: `look-${field}-about` })]));

  const logo = logoPart(t, { editable, fault: faults.logo });

  /** @param {typeof FIELDS[number]} field */
  function hint(field) {
    if (field in EXAMPLES) return h("p", { class: "muted small" }, t("look_colour_hint", { example: EXAMPLES[field] }));
    return field === "name" ? null : h("p", { class: "muted small" }, t("look_address_hint"));
  }

  /** @param {Look} found */
  function show(found) {
    stored = found;
    for (const field of FIELDS) inputs[field].value = found[field];
    inputs.name.placeholder = found.usual_name;
    logo.show(found);
  }

  const typed = () => /** @type {UnsavedLook["typed"]} */ (Object.fromEntries(FIELDS.map((field) => [field, inputs[field].value])));

  /**
   * Somebody else has saved since: what is stored beside what was typed here, which the next saving stores in its place.
   * @param {Look} found
   */
  function tellTheirs(found) {
    const take = () => {
      logo.forget();
      show(found);
      remembered.put(KEPT, null);
      fill(told);
      inputs.name.focus();
    };
    stored = found;
    logo.show(found);
    fill(told, h("div", { class: "box warn", tabindex: -1 },
      h("p", {}, t("look_changed_meanwhile")),
      h("dl", { class: "facts" }, FIELDS.map((field) => h("div", {}, h("dt", {}, t(`look_${field}`)), h("dd", {}, found[field] || "–")))),
      h("button", { type: "button", class: "button quiet", on: { click: take } }, t("look_theirs"))));
  }

  async function save() {
    fill(failure);
    fill(told);
    for (const [field, input] of Object.entries({ ...inputs, logo: logo.input })) {
      fill(faults[field]);
      input.removeAttribute("aria-invalid");
    }
    try {
      const body = { ...typed(), logo: logo.wanted(), version: stored.version };
      const found = await context.call("PUT", "/api/staff/brand", { body, signal: stopped });
      logo.forget();
      show(found);
      remembered.put(KEPT, null);
      fill(told, h("p", { class: "box good", tabindex: -1 }, t("look_saved")));
      focusOn(told.firstElementChild);
    } catch (error) {
      const reason = refusal(error);
      const input = reason.field === "logo" ? logo.input : inputs[/** @type {typeof FIELDS[number]} */ (reason.field)];
      if (reason.status === 412) return outrun();
      if (!input || !reason.field) return showFailure(context, failure, error);
      fill(faults[reason.field], reason.message);
      input.setAttribute("aria-invalid", "true");
      focusOn(input);
    }
    return undefined;
  }

  async function outrun() {
    try {
      tellTheirs(await context.call("GET", "/api/staff/brand", { signal: stopped }));
      focusOn(told.firstElementChild);
    } catch (error) {
      if (!aborted(error)) showFailure(context, failure, error);
    }
  }

  /**
   * What was typed in this tab and not saved, before a change of the language or a way back.
   * @param {Look} found
   */
  function restore(found) {
    const unsaved = editable ? /** @type {UnsavedLook | null} */ (remembered.get(KEPT)) : null;
    if (!unsaved) return;
    for (const field of FIELDS) inputs[field].value = unsaved.typed[field];
    if (unsaved.version !== found.version) tellTheirs(found);
    else fill(told, h("p", { class: "box", role: "status" }, t("look_back")));
  }

  /** The fields come with what stands there: nobody types into one that is filled a moment later. */
  async function load() {
    try {
      const found = await context.call("GET", "/api/staff/brand", { signal: stopped });
      show(found);
      restore(found);
    } catch (error) {
      fill(body);
      showLost(context, failure, error, context.redraw);
      return;
    }
    fill(body, FIELDS.map((field) => {
      inputs[field].readOnly = !editable;
      const label = h("label", { for: `look-${field}` }, t(`look_${field}`));
      const one = h("div", { class: "field" }, label, hint(field), faults[field], inputs[field]);
      return field === "name" ? [one, logo.element] : one;
    }), told, editable
      ? h("div", { class: "buttons" }, actionButton(context, { text: t("look_save"), group: "admin", action: save }))
      : rightNeeded(context, "admin"));
  }

  function keep() {
    const untouched = FIELDS.every((field) => inputs[field].value === stored[field]);
    remembered.put(KEPT, untouched ? null : { typed: typed(), version: stored.version });
  }

  const body = h("div", { class: "look", on: { input: keep } }, h("p", { class: "muted" }, t("loading")));
  const [heading, top] = head(t("look_title"), t("look_lead"));
  fill(node, top, failure, body);
  load();
  return heading;
}
