// "Problem mit diesem Gerät": tells the dealer; the machine is not asked for until staff decide.
import { button, field, form, texts as formTexts } from "/forms.js";
import { nameOf, placeWords } from "/meter.js";
import { both, fill, h, refusal } from "/shared/page.js";
/** @import { Voice } from "../types/page" */
/** @import { Machine, SignedIn } from "../types/portal" */

const own = both({
  problem_title: ["Problem mit diesem Gerät", "Problem with this machine"],
  problem_unknown: ["Dieses Gerät steht nicht in Ihrer Liste.", "This machine is not in your list."],
  problem_lead: [
    "Was stimmt nicht? Ihr Händler erhält Ihre Meldung; bis er entschieden hat, brauchen Sie für dieses Gerät nichts zu melden.",
    "What is wrong? Your dealer gets your message; until they have decided, you need not report anything for this machine.",
  ],
  problem_kind: ["Was ist los?", "What is the matter?"],
  problem_gone: ["Das Gerät gibt es nicht mehr", "The machine is gone"],
  problem_moved: ["Das Gerät steht jetzt woanders", "The machine has been moved"],
  problem_not_ours: ["Das Gerät gehört nicht zu uns", "The machine is not ours"],
  problem_previous_reading_wrong: ["Der frühere Zählerstand ist falsch", "The previous reading is wrong"],
  problem_cannot_read: ["Ich kann den Zähler nicht ablesen", "I cannot read the counter"],
  problem_kind_missing: ["Bitte wählen Sie, was nicht stimmt.", "Please choose what is wrong."],
  problem_meter: ["Um welchen Zähler geht es?", "Which counter is it about?"],
  problem_text: ["Genaueres (freiwillig)", "Details (optional)"],
  problem_text_hint: ["Zum Beispiel seit wann, oder wo das Gerät jetzt steht.", "For example since when, or where the machine stands now."],
  problem_send: ["Problem melden", "Report the problem"],
  problem_sent_title: ["Danke, Ihr Händler weiß Bescheid", "Thank you, your dealer knows"],
  problem_told: [
    "Gemeldet am {date}: {kind}. Bis Ihr Händler entschieden hat, ist für dieses Gerät nichts zu tun.",
    "Reported on {date}: {kind}. Until your dealer has decided, there is nothing to do for this machine.",
  ],
  problem_withdraw: ["Doch kein Problem: Meldung zurücknehmen", "No problem after all: withdraw the message"],
  problem_withdrawn: ["Die Meldung ist zurückgenommen.", "The message has been withdrawn."],
});

export const texts = { de: { ...formTexts.de, ...own.de }, en: { ...formTexts.en, ...own.en } };

const KINDS = ["gone", "moved", "not_ours", "previous_reading_wrong", "cannot_read"];

/** @type {string | null} the machine whose problem was reported a moment ago */
let thanked = null;

/**
 * What stands for an open problem: what was reported, and the way to take it back.
 * @param {SignedIn} app
 * @param {HTMLElement} node
 * @param {Machine} machine
 * @param {NonNullable<Machine["problem"]>} problem
 * @param {string} title
 */
function reported(app, node, machine, problem, title) {
  const { t } = app;
  const heading = h("h1", {}, title);
  const notice = h("div", { role: "alert" });
  const withdraw = async () => {
    try {
      await app.call("DELETE", `/api/machines/${encodeURIComponent(machine.id)}/problems/${encodeURIComponent(problem.id)}`);
    } catch (error) {
      if (refusal(error).status === 401) return app.signedOut();
      return fill(notice, h("p", { class: "box bad" }, app.words(error)));
    }
    app.wanted = machine.id;
    history.replaceState(null, "", "/#/");
    app.refresh();
    return app.say(t("problem_withdrawn"));
  };
  fill(node, heading, which(t, machine),
    h("p", { class: "box" }, t("problem_told", { date: t.date(problem.reported_on), kind: t(`problem_${problem.kind}`) })),
    notice, h("p", {}, button(t("problem_withdraw"), "quiet", withdraw)));
  return heading;
}

/**
 * @param {Voice} t
 * @param {Machine} machine
 */
const which = (t, machine) =>
  h("p", {},
    h("strong", {}, nameOf(machine)),
    ` · ${[machine.serial, machine.location.site, placeWords(t, machine.location)].filter(Boolean).join(" · ")}`);

/**
 * @param {SignedIn} app
 * @param {HTMLElement} node
 * @param {string[]} params
 */
export async function screen(app, node, [machineId]) {
  const { t } = app;
  const machine = await app.machine(machineId);
  const heading = h("h1", {}, t("problem_title"));
  if (!machine) {
    fill(node, heading, h("p", { class: "box" }, t("problem_unknown")));
    return heading;
  }
  if (machine.problem) {
    const title = t(thanked === machine.id ? "problem_sent_title" : "problem_title");
    thanked = null;
    return reported(app, node, machine, machine.problem, title);
  }

  const meter = h("select", { id: "problem-meter", class: "wide" },
    machine.meters.map(({ id, label }) => h("option", { value: id }, label)));
  const meters = h("div", { hidden: true }, h("label", { for: "problem-meter" }, t("problem_meter")), meter);
  const fault = h("p", { class: "error", id: "problem-kind-error" });
  const radios = KINDS.map((kind) => h("input", {
    type: "radio",
    name: "kind",
    id: `kind-${kind}`,
    value: kind,
    on: { change: () => { meters.hidden = kind !== "previous_reading_wrong"; } },
  }));
  const kinds = h("fieldset", { "aria-describedby": fault.id }, h("legend", {}, t("problem_kind")), fault,
    radios.map((radio) => h("p", { class: "option" }, radio, h("label", { for: radio.id }, t(`problem_${radio.value}`)))));
  const text = field(t, "problem-text", t("problem_text"), { tag: "textarea", rows: "3", maxlength: "500", hint: t("problem_text_hint") });
  const send = async () => {
    fill(fault);
    text.clear();
    const chosen = radios.find((radio) => radio.checked);
    if (!chosen) {
      fill(fault, h("span", { class: "unseen" }, `${t("error_sign")} `), t("problem_kind_missing"));
      radios[0].focus();
      return;
    }
    /** @type {{ kind: string, text?: string, meter_id?: string }} */
    const body = { kind: chosen.value };
    if (text.input.value.trim()) body.text = text.input.value.trim();
    if (!meters.hidden) body.meter_id = meter.value;
    try {
      await app.call("POST", `/api/machines/${encodeURIComponent(machine.id)}/problems`, { body });
    } catch (error) {
      if (refusal(error).status === 401) return app.signedOut();
      if (refusal(error).field === "text") return text.fail(app.words(error));
      throw error;
    }
    thanked = machine.id;
    app.refresh(); // Comes back to this screen, which now shows what was reported.
  };
  fill(node, heading, which(t, machine), h("p", {}, t("problem_lead")),
    form(app, [kinds, meters, text.element, h("p", {}, button(t("problem_send"), ""))], send));
  return heading;
}
