// One counter of a machine: read-only as stored, or as a field with its hint and its confirmation.
import { fill, h } from "/shared/dom.js";

const REASONS = ["more", "less", "unused", "board", "last", "other"];
const STORED_SIGN = { plausible: "✓", confirmed: "●", unchecked: "○" };

/** What a counter is called: the contract's name and, where it says more, its kind. */
function name(t, meter) {
  const kind = t.knows(`kind_${meter.kind}`) ? t(`kind_${meter.kind}`) : "";
  const says = meter.label.toLowerCase().includes(kind.toLowerCase());
  return [
    h("span", { class: `swatch ${meter.kind.toLowerCase()}`, "aria-hidden": "true" }),
    meter.label || kind,
    meter.label && kind && !says && h("span", { class: "kind" }, ` · ${kind}`),
  ];
}

function lastWords(t, meter) {
  if (!meter.last) return t("last_none");
  return t(meter.last.estimated ? "last_estimated" : "last", { value: meter.last.value, date: t.date(meter.last.read_on) });
}

/** The line below a stored value; the tick comes from the stored verdict only. */
function storedWords(t, reading) {
  if (reading.state !== "reported") return ["closed", t(reading.state === "billed" ? "closed_billed" : "closed_released")];
  return [reading.verdict, t(`verdict_${reading.verdict}`)];
}

/** A counter whose value is stored and not being changed. */
export function storedMeter(t, meter) {
  const { reading } = meter;
  const [kind, text] = storedWords(t, reading);
  const sign = STORED_SIGN[kind];
  return h("div", { class: "meter stored" },
    h("p", { class: "label" }, name(t, meter)),
    h("p", { class: "value number" }, t("read", { value: reading.value, date: t.date(reading.read_on) })),
    h("p", { class: `verdict ${kind}` }, sign && h("span", { class: "sign", "aria-hidden": "true" }, sign), text),
    reading.reason && h("p", { class: "muted" }, t("your_reason", { reason: reading.reason })));
}

/** A counter that this contact may not report: its last value only. */
export function shownMeter(t, meter) {
  return h("div", { class: "meter stored" }, h("p", { class: "label" }, name(t, meter)), h("p", { class: "muted" }, lastWords(t, meter)));
}

/** "S/W 12.345, Farbe 3.210": a suggestion in the words of the machine's own labels. */
export function valuesWords(t, machine, values) {
  return machine.meters
    .filter((meter) => meter.id in values)
    .map((meter) => t("value_of", { label: meter.label, value: Number(values[meter.id]) }))
    .join(", ");
}

/** The list of reasons; own words for the last one. Returns {element, reason(), fault()}. */
function confirmation(t, id, label, changed) {
  const words = h("input", { id: `${id}-words`, type: "text", maxlength: "200", autocomplete: "off" });
  const wordsRow = h("div", { class: "words", hidden: true }, h("label", { for: words.id }, t("reason_words")), words);
  const choice = h("select", { id: `${id}-reason` },
    h("option", { value: "" }, t("reason_choose")),
    REASONS.map((reason) => h("option", { value: reason }, t(`reason_${reason}`))));
  choice.addEventListener("change", () => {
    wordsRow.hidden = choice.value !== "other";
  });
  const reasons = h("div", { class: "reasons", hidden: true }, h("label", { for: choice.id }, t("reason")), choice, wordsRow);
  const box = h("input", { id: `${id}-right`, type: "checkbox" });
  box.addEventListener("change", () => {
    reasons.hidden = !box.checked;
    changed();
  });
  return {
    element: h("div", { class: "confirm", role: "group", "aria-label": label },
      h("p", {}, t("or_correct")),
      h("p", { class: "check" }, box, h("label", { for: box.id }, t("is_right"))),
      reasons),
    /** The reason to send; null while the value is not confirmed. */
    reason: () => {
      if (!box.checked || !choice.value) return null;
      return choice.value === "other" ? words.value.trim() : t(`reason_${choice.value}`);
    },
    /** What is missing for a confirmation that was begun: {text, target}, or null. */
    fault: () => {
      if (!box.checked) return null;
      if (!choice.value) return { text: t("error_reason"), target: choice };
      if (choice.value === "other" && !words.value.trim()) return { text: t("error_words"), target: words };
      return null;
    },
  };
}

/**
 * A counter as a field. `id` is unique on the page. `events`: typed(), left(), take(values), changed().
 * Nothing is judged while typing; hints come when the field is left.
 */
export function meterField(t, machine, meter, id, typed, events) {
  const input = h("input", {
    id,
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    spellcheck: "false",
    class: "digits number",
    value: typed ?? (meter.reading ? String(meter.reading.value) : ""),
    "aria-describedby": `${id}-last ${id}-error ${id}-advice`,
  });
  const error = h("p", { class: "error", id: `${id}-error` });
  const advice = h("div", { class: "advice", id: `${id}-advice` });
  let confirmed = null;
  let judged = input.value.trim();

  function clear() {
    fill(error);
    fill(advice);
    input.removeAttribute("aria-invalid");
    confirmed = null;
  }

  input.addEventListener("input", () => {
    clear();
    events.typed();
  });
  input.addEventListener("blur", () => {
    const value = input.value.trim();
    if (value === judged) return;
    judged = value;
    if (value) events.left();
  });

  function suggestion(finding) {
    const values = finding.suggestion && finding.suggestion.values;
    if (!values || !Object.keys(values).length) return null;
    const [[only, value], ...others] = Object.entries(values);
    const text = only === meter.id && !others.length
      ? t("take_one", { value: Number(value) })
      : t("take", { values: valuesWords(t, machine, values) });
    return h("button", { type: "button", class: "button quiet", on: { click: () => events.take(values) } }, text);
  }

  const sentences = (findings) => findings.map((finding) => [
    h("p", {}, h("strong", {}, `${t("hint_prefix")} `), finding.text),
    suggestion(finding),
  ]);

  const element = h("div", { class: "meter" },
    h("label", { for: id }, name(t, meter)),
    h("p", { class: "muted last number", id: `${id}-last` },
      lastWords(t, meter),
      meter.display_label && meter.display_label !== meter.label && [h("br"), t("on_display", { label: meter.display_label })],
      meter.reading && [h("br"), t("now_stored", { value: meter.reading.value, date: t.date(meter.reading.read_on) })]),
    error,
    h("div", { class: "entry" }, input, h("span", { class: "unit" }, t(meter.kind === "SCAN" ? "unit_scans" : "unit_pages"))),
    advice);

  return {
    element,
    input,
    meter,
    clear,
    value: () => input.value.trim(),
    /** Puts a value in by tap, not by typing. */
    put: (value) => {
      clear();
      input.value = String(value);
      judged = input.value;
    },
    /** A fault: the value cannot be stored like this. */
    fail: (text) => {
      fill(error, h("span", { class: "unseen" }, `${t("error_prefix")} `), text);
      input.setAttribute("aria-invalid", "true");
    },
    /** A neutral hint after leaving the field. */
    advise: (findings) => {
      if (!findings.length) fill(advice);
      else fill(advice, h("div", { class: findings.some((finding) => finding.severity === "warn") ? "box warn" : "box" }, sentences(findings)));
    },
    /** Asks to correct the value or to confirm it with a reason. */
    askToConfirm: (findings) => {
      confirmed = confirmation(t, id, meter.label, events.changed);
      fill(advice, h("div", { class: "box warn" }, sentences(findings), confirmed.element));
      input.setAttribute("aria-invalid", "true");
    },
    /** The customer has begun to confirm this value. */
    isConfirming: () => Boolean(confirmed && (confirmed.reason() || confirmed.fault())),
    /** The reason to send; a stored reason goes along with its unchanged value. */
    reason: () => {
      if (confirmed) return confirmed.reason();
      const stored = meter.reading;
      return stored && stored.reason && input.value.trim() === String(stored.value) ? stored.reason : null;
    },
    reasonFault: () => confirmed && confirmed.fault(),
  };
}
