// "Ich bin nicht zuständig": names the person who is; the dealer's staff approve.
import { button, field, form, looksLikeMail, texts as formTexts } from "/forms.js";
import { both, fill, focusOn, h, refusal } from "/shared/page.js";
/** @import { SignedIn } from "../types/portal" */

const own = both({
  successor_title: ["Ich bin nicht zuständig", "I am not in charge"],
  successor_lead: [
    "Nennen Sie uns die Person, die die Zählerstände von {company} künftig meldet. Ihr Händler prüft das und schreibt ihr dann direkt. Bis dahin bleibt alles, wie es ist.",
    "Tell us who will report the meter readings of {company} from now on. Your dealer checks this and then writes to that person directly. Until then everything stays as it is.",
  ],
  successor_name: ["Name der Person", "Name of the person"],
  successor_name_missing: ["Bitte geben Sie den Namen ein.", "Please enter the name."],
  successor_email: ["E-Mail-Adresse der Person", "E-mail address of the person"],
  successor_text: ["Nachricht an Ihren Händler (freiwillig)", "Message to your dealer (optional)"],
  successor_send: ["Vorschlag senden", "Send proposal"],
  successor_sent_title: ["Danke, Ihr Händler weiß Bescheid", "Thank you, your dealer knows"],
  successor_sent: [
    "{name} ({email}) wird nach der Prüfung durch Ihren Händler für {company} melden. Solange nichts entschieden ist, können Sie weiter melden.",
    "{name} ({email}) will report for {company} once your dealer has checked it. As long as nothing is decided, you can go on reporting.",
  ],
});

export const texts = { de: { ...formTexts.de, ...own.de }, en: { ...formTexts.en, ...own.en } };

/**
 * @param {SignedIn} app
 * @param {HTMLElement} node
 */
export async function screen(app, node) {
  const { t } = app;
  const company = app.session.company.name;
  const heading = h("h1", {}, t("successor_title"));
  const name = field(t, "successor-name", t("successor_name"), { type: "text", autocomplete: "off", maxlength: "120" });
  const email = field(t, "successor-email", t("successor_email"), {
    type: "email",
    autocomplete: "off",
    inputmode: "email",
    maxlength: "254",
  });
  const text = field(t, "successor-text", t("successor_text"), { tag: "textarea", rows: "3", maxlength: "500" });
  const fields = { name, email, text };
  const send = async () => {
    Object.values(fields).forEach((one) => one.clear());
    /** @type {{ name: string, email: string, text?: string }} */
    const body = { name: name.input.value.trim(), email: email.input.value.trim() };
    if (!body.name) return name.fail(t("successor_name_missing"));
    if (!looksLikeMail(body.email)) return email.fail(t("email_bad"));
    if (text.input.value.trim()) body.text = text.input.value.trim();
    try {
      await app.call("POST", "/api/successors", { body });
    } catch (error) {
      const { status, field: named } = refusal(error);
      if (status === 401) return app.signedOut();
      if (status === 422 && named in fields) return fields[/** @type {keyof typeof fields} */ (named)].fail(app.words(error));
      throw error;
    }
    const title = h("h1", {}, t("successor_sent_title"));
    fill(node, title, h("p", { class: "box good" }, t("successor_sent", { ...body, company })));
    return focusOn(title);
  };
  fill(node, heading, h("p", {}, t("successor_lead", { company })),
    form(app, [name.element, email.element, text.element, h("p", {}, button(t("successor_send"), ""))], send));
  return heading;
}
