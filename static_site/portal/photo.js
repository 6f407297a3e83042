// A photo of the counter where a value is disputed: taken or chosen, made small here, sent to the dealer.
import { both, fill, h, refusal } from "/shared/page.js";
/** @import { Child } from "../types/page" */
/** @import { Machine, Meter, SignedIn } from "../types/portal" */

export const texts = both({
  photo_choose: ["Foto aufnehmen oder wählen", "Take or choose a photo"],
  photo_hint: [
    "JPEG, PNG oder WebP. Das Bild wird vor dem Senden verkleinert; Ihr Händler sieht es bei diesem Zähler.",
    "JPEG, PNG or WebP. The picture is made smaller before it is sent; your dealer sees it with this counter.",
  ],
  photo_preview: ["Ihr Foto des Zählers {meter}", "Your photo of the counter {meter}"],
  photo_preparing: ["Wird vorbereitet …", "Preparing …"],
  photo_sending: ["Wird gesendet …", "Sending …"],
  photo_sent: ["✓ Das Foto ist gesendet.", "✓ The photo has been sent."],
  photo_not_readable: [
    "Dieses Bild kann der Browser nicht lesen. Bitte nehmen Sie ein JPEG, PNG oder WebP.",
    "The browser cannot read this picture. Please use a JPEG, PNG or WebP.",
  ],
  photo_large: [
    "Das Foto ist auch verkleinert größer als 8 MB. Bitte nehmen Sie ein anderes.",
    "Even made smaller the photo is larger than 8 MB. Please use another one.",
  ],
  photo_failed: [
    "Das Foto konnte nicht gesendet werden. Ihre Werte sind davon unberührt.",
    "The photo could not be sent. Your values are not affected.",
  ],
  photo_again: ["Noch einmal senden", "Send again"],
});

const KIND = "image/jpeg";
const LONGEST_SIDE = 2000;
const LARGEST = 8 * 1024 * 1024;

/**
 * The picture as JPEG with no side over 2,000 pixels; null when the browser cannot read it.
 * @param {File} file
 */
async function smaller(file) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return null;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = h("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done) => canvas.toBlob(done, KIND, 0.85));
}

/**
 * @param {SignedIn} app
 * @param {Machine} machine
 * @param {Meter} meter
 * @param {Blob} picture
 */
async function send(app, machine, meter, picture) {
  const path = /** @type {const} */ (`/api/machines/${encodeURIComponent(machine.id)}/photos`);
  const { upload } = await app.call("POST", path, { body: { meter_id: meter.id, content_type: KIND, size: picture.size } });
  await app.call(upload.method, upload.url, { body: picture, type: KIND, headers: upload.headers });
}

/**
 * Draws the way to a photo of a machine's meter into `node`.
 * @param {SignedIn} app
 * @param {HTMLElement} node
 * @param {Machine} machine
 * @param {Meter} meter
 */
export function photo(app, node, machine, meter) {
  const { t } = app;
  const id = `photo-${machine.id}-${meter.id}`;
  const told = h("div", { role: "status" });
  /** @param {...Child} content */
  const tell = (...content) => fill(told, content);
  /** @param {Blob} picture */
  const upload = async (picture) => {
    const shown = h("img", { src: URL.createObjectURL(picture), alt: t("photo_preview", { meter: meter.label }), class: "shot" });
    tell(shown, h("p", {}, t("photo_sending")));
    try {
      await send(app, machine, meter, picture);
      tell(shown, h("p", {}, t("photo_sent")));
    } catch (error) {
      const reason = refusal(error).status && refusal(error).message ? refusal(error).message : t("photo_failed");
      tell(shown, h("p", { class: "error" }, reason),
        h("p", {}, h("button", { type: "button", class: "button quiet", on: { click: () => upload(picture) } }, t("photo_again"))));
    }
  };
  const input = h("input", { type: "file", id, accept: "image/*", class: "wide", "aria-describedby": `${id}-hint`, on: {
    change: async () => {
      const chosen = input.files?.[0];
      if (!chosen) return;
      tell(h("p", {}, t("photo_preparing")));
      const picture = await smaller(chosen);
      if (!picture) tell(h("p", { class: "error" }, t("photo_not_readable")));
      else if (picture.size > LARGEST) tell(h("p", { class: "error" }, t("photo_large")));
      else await upload(picture);
    },
  } });
  fill(node, h("label", { for: id }, t("photo_choose")), h("p", { class: "muted small", id: `${id}-hint` }, t("photo_hint")), input, told);
  input.focus();
}
