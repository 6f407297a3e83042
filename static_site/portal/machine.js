// One machine: its card, its form, and the life of a submission.
import { sameKey } from "/shared/api.js";
import { fill, focusOn, h, say } from "/shared/dom.js";
import { meterField, shownMeter, storedMeter, valuesWords } from "./meter.js";

/** All billable counters of the machine are reported, released or billed. */
export const isComplete = (machine) => machine.meters.length > 0 && machine.meters.every((meter) => meter.reading);

const nameOf = (machine) => [machine.maker, machine.model].filter(Boolean).join(" ") || machine.id;

const isClosed = (meter) => Boolean(meter.reading) && meter.reading.state !== "reported";

function stateOf(machine) {
  if (!machine.meters.some((meter) => meter.reading)) return "open";
  if (!isComplete(machine)) return "partly";
  return machine.meters.every(isClosed) ? "closed" : "reported";
}

function placeWords(t, location) {
  const { floor, room } = location;
  if (floor && room) return t("floor_room", { floor, room });
  return floor || (room && t("room", { room })) || "";
}

function facts(t, machine, dueOn) {
  const rows = [
    [t("serial"), machine.serial],
    [t("customer_no"), machine.customer_no],
    [t("place"), placeWords(t, machine.location)],
    [t("machine_due"), machine.due_on !== dueOn && t.date(machine.due_on)],
  ].filter(([, value]) => value);
  return h("dl", { class: "facts" }, rows.map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", {}, value))));
}

/** The machine with what an answer to a submission says is stored now. */
function withStored(machine, answer, readOn) {
  const stored = new Map(answer.readings.map((reading) => [reading.meter_id, reading]));
  return {
    ...machine,
    version: answer.version,
    meters: machine.meters.map((meter) => {
      const reading = stored.get(meter.id);
      return reading ? { ...meter, reading: { read_on: readOn, ...reading } } : meter;
    }),
  };
}

/** The machine with what a refusal says is stored meanwhile; null where it does not say so. */
function withMeanwhile(machine, facts) {
  if (!facts.readings || !facts.version) return null;
  const cleared = { ...machine, meters: machine.meters.map((meter) => ({ ...meter, reading: null })) };
  return withStored(cleared, facts, null);
}

/**
 * A machine's card. `watcher`: today(), dueOn(), now(id) -> the machine as stored, stored(before, after),
 * nextOpen(card). Returns {element, isOpen(), focus()}.
 */
export function machineCard(app, machine, watcher) {
  const { t } = app;
  const key = sameKey();
  const path = `/api/machines/${encodeURIComponent(machine.id)}`;
  const element = h("article", { class: "machine", id: `machine-${machine.id}`, "aria-labelledby": `name-${machine.id}` });
  const card = { element, isOpen: () => mayReport() && !isComplete(machine), focus };
  const draft = app.drafts.get(machine.id) || { values: {}, readOn: null };
  let correcting = machine.meters.some((meter) => meter.reading && meter.id in draft.values);
  let fields = [];
  let date = null;
  let busy = false;
  let checks = 0;
  let justStored = false;
  let parts = {};

  const mayReport = () => machine.may_report !== false;
  const isEdited = (meter) => mayReport() && !isClosed(meter) && (!meter.reading || correcting);

  function focus() {
    focusOn(fields.length ? fields[0].input : element.querySelector("h3"));
    element.scrollIntoView({ block: "nearest" });
  }

  function remember() {
    draft.values = Object.fromEntries(fields.filter((field) => field.value()).map((field) => [field.meter.id, field.value()]));
    draft.readOn = date.value;
    app.drafts.set(machine.id, draft);
  }

  function draw() {
    const state = stateOf(machine);
    fields = [];
    const rows = machine.meters.map((meter) => {
      if (!isEdited(meter)) return meter.reading ? storedMeter(t, meter) : shownMeter(t, meter);
      const field = meterField(t, machine, meter, `m-${machine.id}-${meter.id}`, draft.values[meter.id], {
        typed: () => {
          checks += 1;
          remember();
        },
        left: check,
        take,
        changed: drawSubmit,
      });
      fields.push(field);
      return field.element;
    });
    element.className = `machine ${state}`;
    parts = { notice: h("div"), summary: h("div"), submit: h("button", { type: "submit", class: "button" }) };
    fill(element,
      h("div", { class: "machine-head" },
        h("h3", { id: `name-${machine.id}` }, nameOf(machine)),
        h("span", { class: `badge ${state}` }, t(`state_${state}`))),
      facts(t, machine, watcher.dueOn()),
      parts.notice,
      fields.length ? form(rows) : h("div", { class: "meters" }, rows),
      foot());
    drawSubmit();
  }

  function form(rows) {
    date = h("input", {
      type: "date",
      id: `date-${machine.id}`,
      max: watcher.today(),
      value: draft.readOn || watcher.today() || "",
      on: { change: remember },
      "aria-describedby": `date-error-${machine.id}`,
    });
    parts.dateError = h("p", { class: "error", id: `date-error-${machine.id}` });
    return h("form", { novalidate: true, on: { submit } },
      parts.summary,
      h("div", { class: "meters" }, rows),
      h("div", { class: "send" },
        h("div", {}, h("label", { for: date.id }, t("read_on")), parts.dateError, date),
        h("div", { class: "buttons" },
          parts.submit,
          correcting && h("button", { type: "button", class: "button quiet", on: { click: cancel } }, t("cancel")))));
  }

  function foot() {
    const { meters } = machine;
    const missing = meters.filter((meter) => !meter.reading).map((meter) => meter.label);
    const next = justStored && watcher.nextOpen(card);
    return [
      !meters.length && h("p", { class: "muted" }, t("no_meters")),
      !mayReport() && h("p", { class: "muted" }, t("only_shown")),
      mayReport() && stateOf(machine) === "partly" && h("p", { class: "muted" }, t("still_missing", { meters: missing.join(", ") })),
      meters.some(isClosed) && h("p", { class: "muted" }, t("closed_help")),
      h("p", { class: "buttons" },
        mayReport() && !correcting && meters.some((meter) => meter.reading && !isClosed(meter)) &&
          h("button", { type: "button", class: "button quiet", on: { click: correct } }, t("correct")),
        next && h("button", { type: "button", class: "button", on: { click: next.focus } }, t("next"))),
    ];
  }

  function drawSubmit() {
    if (!fields.length) return;
    parts.submit.textContent = t(busy ? "submitting" : fields.some((field) => field.reason()) ? "submit_confirmed" : "submit");
    if (busy) parts.submit.setAttribute("aria-disabled", "true");
    else parts.submit.removeAttribute("aria-disabled");
  }

  function correct() {
    correcting = true;
    justStored = false;
    const stored = machine.meters.find((meter) => meter.reading && !isClosed(meter));
    draft.readOn = draft.readOn || stored.reading.read_on;
    draw();
    focus();
  }

  function cancel() {
    forget();
    draw();
    focusOn(element.querySelector("h3"));
  }

  function forget() {
    app.drafts.delete(machine.id);
    Object.assign(draft, { values: {}, readOn: null });
    correcting = false;
  }

  const typedValues = () => Object.fromEntries(fields.filter((field) => field.value()).map((field) => [field.meter.id, field.value()]));
  const fieldOf = (meterId) => fields.find((field) => field.meter.id === meterId);

  /** A finding belongs to the field of its counter; one without a field of its own to the first. */
  function findingsOf(field, findings) {
    return findings.filter((finding) => (fieldOf(finding.meter_id) || fields[0]) === field);
  }

  /** Asks what the values look like. Nothing is stored; an older answer never covers a newer value. */
  async function check() {
    checks += 1;
    const mine = checks;
    try {
      const answer = await app.call("POST", `${path}/check`, { body: { read_on: date.value, values: typedValues() } });
      if (mine !== checks || busy) return;
      for (const field of fields) {
        if (!field.value() || field.isConfirming()) continue;
        field.clear();
        showFindings(field, findingsOf(field, answer.findings), field.advise);
      }
      say(answer.findings.map((finding) => finding.text).join(" "));
    } catch (error) {
      if (mine !== checks || busy) return;
      if (error.status === 401) app.signedOut();
      else if (error.code === "already_released") await showMeanwhile(error);
      else if (error.status === 422) showFault(error);
      // Anything else: the hint is a courtesy, the submission itself says what is wrong.
    }
  }

  function showFindings(field, findings, show) {
    const blocking = findings.find((finding) => finding.severity === "block");
    if (blocking) field.fail(blocking.text);
    show(findings.filter((finding) => finding.severity !== "block"));
    return Boolean(blocking);
  }

  function take(values) {
    for (const [meterId, value] of Object.entries(values)) fieldOf(meterId)?.put(value);
    remember();
    say(t("taken", { values: valuesWords(t, machine, values) }));
    fieldOf(Object.keys(values)[0])?.input.focus();
    check();
  }

  function notice(text, kind = "bad") {
    fill(parts.notice, h("p", { class: `box ${kind}` }, text));
    focusOn(parts.notice.firstChild);
  }

  /** One fault: focus goes there. Several: a summary with links gets it. `faults`: [{text, target}] */
  function showFaults(faults) {
    if (faults.length === 1) {
      faults[0].target.focus();
      say(faults[0].text);
      return;
    }
    const links = faults.map(({ text, target }) =>
      h("li", {}, h("a", {
        href: `#${target.id}`,
        on: {
          click: (event) => {
            event.preventDefault();
            target.focus();
          },
        },
      }, text)));
    fill(parts.summary, h("div", { class: "box bad", role: "group", "aria-labelledby": `faults-${machine.id}` },
      h("h4", { id: `faults-${machine.id}` }, t("errors_title")), h("ul", { class: "faults" }, links)));
    focusOn(parts.summary.firstChild);
  }

  function failDate(text) {
    fill(parts.dateError, h("span", { class: "unseen" }, `${t("error_prefix")} `), text);
    date.setAttribute("aria-invalid", "true");
    return { text, target: date };
  }

  function clearFaults() {
    fill(parts.notice);
    fill(parts.summary);
    fill(parts.dateError);
    date.removeAttribute("aria-invalid");
  }

  function ownFaults() {
    const faults = [];
    if (!fields.some((field) => field.value())) {
      fields[0].fail(t("error_empty"));
      faults.push({ text: t("error_empty"), target: fields[0].input });
    }
    for (const field of fields) {
      const fault = field.reasonFault();
      if (fault) {
        field.fail(fault.text);
        faults.push({ ...fault, text: `${field.meter.label}: ${fault.text}` });
      }
    }
    if (!date.value) faults.push(failDate(t("error_date")));
    else if (watcher.today() && date.value > watcher.today()) faults.push(failDate(t("error_date_future")));
    return faults;
  }

  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    clearFaults();
    const faults = ownFaults();
    if (faults.length) {
      showFaults(faults);
      return;
    }
    const confirm = Object.fromEntries(fields.filter((field) => field.reason()).map((field) => [field.meter.id, field.reason()]));
    const body = { read_on: date.value, values: typedValues(), confirm, version: machine.version };
    busy = true;
    checks += 1;
    drawSubmit();
    try {
      const answer = await app.call("PUT", `${path}/readings`, { body, key: key(body) });
      busy = false;
      showStored(withStored(machine, answer, body.read_on), Object.keys(body.values));
    } catch (error) {
      busy = false;
      drawSubmit();
      await showRefusal(error);
    }
  }

  function showStored(after, meterIds) {
    const before = machine;
    machine = after;
    forget();
    justStored = true;
    watcher.stored(before, after);
    draw();
    const first = machine.meters.findIndex((meter) => meterIds.includes(meter.id));
    focusOn(element.querySelectorAll(".meter")[first]?.querySelector(".verdict"));
    say(t("stored", { machine: nameOf(machine) }));
  }

  async function showRefusal(error) {
    if (error.status === 401) app.signedOut();
    else if (error.code === "needs_confirmation") showNeedsConfirmation(error.facts.findings);
    else if (error.code === "changed_meanwhile") await showMeanwhile(error);
    else if (error.code === "already_released") await showMeanwhile(error);
    else if (error.status === 422) showFault(error);
    else notice(app.words(error));
  }

  function showNeedsConfirmation(findings) {
    const faults = [];
    for (const field of fields) {
      const own = findingsOf(field, findings);
      field.clear();
      if (!own.length) continue;
      const toConfirm = own.some((finding) => finding.severity === "warn");
      showFindings(field, own, toConfirm ? field.askToConfirm : field.advise);
      const fault = own.find((finding) => ["block", "warn"].includes(finding.severity));
      if (fault) faults.push({ text: `${field.meter.label}: ${fault.text}`, target: field.input });
    }
    drawSubmit();
    if (faults.length) showFaults(faults);
  }

  /** A refusal of one value, `field` being like "values.1", "confirm.1" or "read_on". */
  function showFault(error) {
    const [where, meterId] = (error.field || "").split(".");
    if (where === "read_on") {
      showFaults([failDate(error.message)]);
      return;
    }
    const field = fieldOf(meterId);
    if (!field) {
      notice(app.words(error));
      return;
    }
    field.fail(error.message);
    if (busy || document.activeElement === parts.submit || document.activeElement === document.body) field.input.focus();
    else say(error.message);
  }

  /** Somebody else was faster: shows what is stored now; what was typed stays beside it. */
  async function showMeanwhile(refusal) {
    let now = withMeanwhile(machine, refusal.facts);
    try {
      now = now || (await watcher.now(machine.id));
    } catch (error) {
      if (error.status === 401) app.signedOut();
      else notice(app.words(error));
      return;
    }
    const isFinal = refusal.code === "already_released";
    const before = machine;
    machine = now || { ...machine, may_report: false };
    watcher.stored(before, machine);
    correcting = machine.meters.some((meter) => meter.reading && meter.id in draft.values && !isClosed(meter));
    const values = Object.fromEntries(machine.meters.filter((meter) => meter.reading).map((meter) => [meter.id, meter.reading.value]));
    draw();
    const words = valuesWords(t, machine, values);
    if (isFinal) notice(refusal.message);
    else notice(words ? t("changed", { values: words }) : t("changed_plain"), "warn");
  }

  draw();
  return card;
}
