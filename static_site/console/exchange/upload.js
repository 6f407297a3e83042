// A new import: files dragged onto the page or chosen, several of them together, then the dry run.
import { fill, h, sameKey } from "/shared/page.js";
import { actionButton, showFailure } from "../parts.js";
import { packed } from "./packing.js";
/** @import { Context } from "../../types/console" */

const DIRECT = 2 * 1024 * 1024; // bytes in a request of the API; what is larger goes to an address of its own
const LIMIT = 2048 * 1024 * 1024;
const BYTES = "application/octet-stream"; // the gateway would take text/* for UTF-8
const ARCHIVE = "application/zip";

/**
 * The panel, and what listens on `page` for files that are dropped there.
 * @param {Context} context
 * @param {HTMLElement} page
 */
export function uploadPanel(context, page) {
  const { t } = context;
  const failure = h("div");
  const chosen = h("ul", { class: "upload-files" });
  const input = h("input", { id: "import-file", type: "file", accept: ".zip,.csv,.txt,.xlsx,.ods", multiple: true });
  const asOf = h("input", { id: "import-as-of", type: "date", "aria-describedby": "import-as-of-help" });
  const full = h("input", { id: "import-full", type: "checkbox", "aria-describedby": "import-full-help" });
  const key = sameKey();
  /** @type {File[]} */
  let files = [];

  /** @param {Iterable<File>} found */
  function take(found) {
    files = [...found];
    fill(failure);
    const size = t("import_chosen", { count: files.length, size: sizeWords(context, sum()) });
    fill(chosen, files.map((file) => h("li", {}, file.name)), files.length > 0 && h("li", { class: "muted" }, size));
  }

  const sum = () => files.reduce((total, file) => total + file.size, 0);

  /** @param {string} text */
  const warn = (text) => fill(failure, h("p", { class: "box warn", role: "alert" }, text));

  async function start() {
    fill(failure);
    const doubled = files.find((file, n) => files.findIndex((other) => other.name === file.name) !== n);
    if (!files.length) return warn(t("import_choose"));
    if (sum() > LIMIT) return warn(t("import_large"));
    if (doubled) return warn(t("import_same_names", { name: doubled.name }));
    const [first] = files;
    const zip = files.length > 1 || first.name.toLowerCase().endsWith(".zip");
    const query = new URLSearchParams({ dry_run: "true", file: files.length > 1 ? "export.zip" : first.name });
    if (asOf.value) query.set("as_of", asOf.value);
    if (full.checked) query.set("full", "true");
    fill(failure, h("p", { class: "muted", role: "status" }, t("import_sending")));
    try {
      const body = files.length > 1 ? await packed(files) : first;
      const send = () => context.call("POST", `/api/staff/imports?${query}`, {
        body,
        type: zip ? ARCHIVE : BYTES,
        key: key([files.map((file) => [file.name, file.size, file.lastModified]), String(query)]),
      });
      const { id } = body.size > DIRECT ? await sentApart(context, body, query) : await send();
      context.go(`#/imports/${encodeURIComponent(id)}`);
    } catch (error) {
      showFailure(context, failure, error);
    }
    return undefined;
  }

  input.addEventListener("change", () => take(input.files ?? []));
  const drop = h("div", { class: "upload-drop" },
    h("p", {}, t("import_drop")),
    h("div", { class: "field" }, h("label", { for: "import-file" }, t("import_file")), input),
    chosen);
  page.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  page.addEventListener("dragleave", () => drop.classList.remove("over"));
  page.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer?.files.length) take(event.dataTransfer.files);
  });
  return h("section", { class: "panel upload", "aria-label": t("import_start") },
    h("div", { class: "panel-head" }, h("h2", {}, t("import_start")), h("span", { class: "muted" }, t("import_help"))),
    h("div", { class: "panel-body upload-body" },
      drop,
      h("div", { class: "upload-choices" },
        h("div", { class: "field" },
          h("label", { for: "import-as-of" }, t("import_as_of")), asOf,
          h("p", { class: "muted small", id: "import-as-of-help" }, t("import_as_of_help"))),
        h("div", { class: "upload-full" },
          h("p", { class: "check" }, full, h("label", { for: "import-full" }, t("import_full"))),
          h("p", { class: "muted small", id: "import-full-help" }, t("import_full_help"))),
        h("div", { class: "buttons" }, actionButton(context, { text: t("import_try"), group: "admin", action: start }))),
      failure));
}

/**
 * A large file goes to an address that is signed for it, then its import is started.
 * @param {Context} context
 * @param {Blob} body
 * @param {URLSearchParams} query
 */
async function sentApart(context, body, query) {
  const announced = { file: query.get("file") ?? "", size: body.size };
  const { upload_id: id, upload } = await context.call("POST", "/api/staff/imports/uploads", { body: announced });
  // The signature is the only key: no token goes along, and the type exactly once, as it was signed.
  const answer = await fetch(upload.url, { method: upload.method, body, headers: upload.headers, credentials: "omit" });
  if (!answer.ok) throw new Error(context.t("import_not_sent"));
  query.set("upload", id);
  return context.call("POST", `/api/staff/imports?${query}`);
}

/** @param {Context} context @param {number} bytes */
function sizeWords(context, bytes) {
  const [value, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "KB"] : [bytes / 1024 / 1024, "MB"];
  const locale = context.t.language === "de" ? "de-DE" : "en-GB";
  return `${value.toLocaleString(locale, { maximumFractionDigits: 1 })} ${unit}`;
}
