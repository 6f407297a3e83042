// The dealer's logo in the form of the look: what is stored, another file, or none from now on.
import { fill, h } from "/shared/page.js";
/** @import { Voice } from "../../types/page" */
/** @import { Look } from "../../types/look" */

/** More than any logo may have: the API refuses it in its own words, and need not be sent the rest. */
const ENOUGH = 60_000;

/**
 * @param {Blob} file
 * @returns {Promise<string>} its beginning as base64
 */
async function encoded(file) {
  const bytes = new Uint8Array(await file.slice(0, ENOUGH).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/**
 * @param {Voice} t
 * @param {{ editable: boolean, fault: HTMLElement }} options `fault` stands above the file's field and is its description
 */
export function logoPart(t, { editable, fault }) {
  /** @type {string | null} what is to be sent; null: as stored */
  let wanted = null;
  /** @type {Look | undefined} */
  let stored;
  const shown = h("div", { class: "logo-shown" });
  const told = h("p", { class: "muted small", role: "status" });
  const input = h("input", {
    id: "look-logo", type: "file", accept: "image/png,image/jpeg", "aria-describedby": "look-logo-hint look-logo-about",
    on: { change: choose },
  });
  const remove = h("button", { type: "button", class: "button quiet", on: { click: () => {
    wanted = "";
    input.value = "";
    fill(told, t("look_logo_removed"));
    draw("");
    input.focus();
  } } }, t("look_logo_remove"));

  /** @param {string} address */
  function draw(address) {
    fill(shown, address
      ? h("img", { src: address, alt: stored?.name || stored?.usual_name || "" })
      : h("p", { class: "muted" }, t("look_logo_none")));
    remove.hidden = !editable || !address;
  }

  async function choose() {
    const [file] = input.files || [];
    if (!file) return;
    wanted = await encoded(file) || "AA=="; // An empty file is no wish for none: the API refuses it.
    fill(fault);
    input.removeAttribute("aria-invalid");
    fill(told, t("look_logo_chosen", { name: file.name }));
    draw(URL.createObjectURL(file));
  }

  return {
    input,
    element: h("div", { class: "field" },
      editable ? h("label", { for: "look-logo" }, t("look_logo")) : h("p", { class: "label" }, t("look_logo")),
      h("p", { class: "muted small", id: "look-logo-hint" }, t("look_logo_hint")), fault, shown,
      editable && h("div", { class: "buttons" }, input, remove), told),
    wanted: () => wanted,
    /** @param {Look} found what is stored now; it stands there unless something else was chosen here */
    show(found) {
      stored = found;
      if (wanted === null) draw(found.logo);
    },
    /** What was chosen is stored, or given up. */
    forget() {
      wanted = null;
      input.value = "";
      fill(told);
    },
  };
}
