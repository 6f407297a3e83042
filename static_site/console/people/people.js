// Who works in the console, and what each may do: a row a person, changed in place, stored by its own button.
import { fill, h, say } from "/shared/page.js";
import { ask } from "../dialog.js";
import { head, showFailure, showLost, table } from "../parts.js";
/** @import { Context, Place } from "../../types/console" */
/** @import { StaffPerson } from "../../types/records" */

const GROUPS = /** @type {const} */ (["read", "remind", "release", "admin"]);

/**
 * A checkbox for each group.
 * @param {Context} context
 * @param {string} of whose, for the names of the boxes
 * @param {string[]} chosen
 * @param {() => void} changed
 * @param {(group: string) => boolean} [fixed] whether a box cannot be changed
 */
function groupBoxes({ t }, of, chosen, changed, fixed = () => false) {
  const boxes = GROUPS.map((group) => {
    const box = h("input", { type: "checkbox", value: group, "aria-label": `${t(`group_${group}`)}: ${of}` });
    box.checked = chosen.includes(group);
    box.disabled = fixed(group);
    box.addEventListener("change", changed);
    return box;
  });
  return { boxes, groups: () => boxes.filter((box) => box.checked).map((box) => box.value) };
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {() => unknown} done
 */
function inviteDialog(context, node, done) {
  const { t } = context;
  const name = h("input", { id: "invite-name", type: "text", maxlength: "100", autocomplete: "off", required: true });
  const email = h("input", { id: "invite-email", type: "email", autocomplete: "off", required: true, "aria-describedby": "invite-hint" });
  const { boxes, groups } = groupBoxes(context, t("people_invite_title"), ["read"], () => {});
  ask(context, node, {
    title: t("people_invite_title"),
    content: [
      h("div", { class: "field" }, h("label", { for: name.id }, t("people_name")), name),
      h("div", { class: "field" }, h("label", { for: email.id }, t("people_email")), email,
        h("p", { class: "muted small", id: "invite-hint" }, t("people_invite_what"))),
      h("fieldset", { class: "people-groups" }, h("legend", {}, t("people_groups")),
        boxes.map((box) => h("label", {}, box, " ", t(`group_${box.value}`), " ",
          h("span", { class: "muted small" }, t(`people_group_${box.value}`))))),
    ],
    go: t("people_invite_go"),
    act: () => context.call("POST", "/api/staff/people", { body: { name: name.value, email: email.value, groups: groups() } }),
    done: (answer) => {
      say(t("people_invited", { email: answer.email }));
      done();
    },
  });
  name.focus();
}

/**
 * @param {Context} context
 * @param {HTMLElement} node
 * @param {Place} place
 */
export function peopleView(context, node, { stopped }) {
  const { t } = context;
  const failure = h("div");
  const list = h("div", {}, h("p", { class: "muted" }, t("loading")));
  const [heading, top] = head(t("people_title"), t("people_lead"),
    context.may("admin")
      && h("button", { type: "button", class: "button", on: { click: () => inviteDialog(context, node, load) } }, t("people_invite")));

  /** @param {StaffPerson} person @param {Partial<StaffPerson>} changed */
  async function store(person, changed) {
    fill(failure);
    const { groups, enabled, version } = { ...person, ...changed };
    try {
      const path = /** @type {const} */ (`/api/staff/people/${encodeURIComponent(person.id)}`);
      await context.call("PUT", path, { body: { groups, enabled, version }, signal: stopped });
      say(t("people_stored", { name: person.name || person.email }));
      await load();
    } catch (error) {
      showFailure(context, failure, error);
      failure.append(h("p", { class: "buttons" },
        h("button", { type: "button", class: "button quiet", on: { click: load } }, t("people_again"))));
    }
  }

  /** @param {StaffPerson} person */
  function cells(person) {
    const name = person.name || person.email;
    const save = h("button", {
      type: "button",
      class: "button",
      hidden: true,
      "aria-label": t("people_save_of", { name }),
      on: { click: () => store(person, { groups: made.groups() }) },
    }, t("people_save"));
    const made = groupBoxes(context, name, person.groups, () => {
      save.hidden = made.groups().join() === person.groups.join();
      save.disabled = !made.groups().length;
    }, (group) => person.me && group === "admin");
    return { boxes: made.boxes, save, name };
  }

  /** @param {StaffPerson} person */
  const disable = (person) => ask(context, node, {
    title: t("people_disable_title", { name: person.name || person.email }),
    content: h("p", {}, t("people_disable_what")),
    go: t("people_disable_go"),
    act: () => {
      const { groups, version, id } = person;
      const path = /** @type {const} */ (`/api/staff/people/${encodeURIComponent(id)}`);
      return context.call("PUT", path, { body: { groups, enabled: false, version }, signal: stopped });
    },
    done: () => {
      say(t("people_stored", { name: person.name || person.email }));
      load();
    },
    renew: load,
  });

  /** @param {StaffPerson[]} people */
  function draw(people) {
    const rows = people.map((person) => ({ person, ...cells(person) }));
    const made = table(context, {
      caption: t("people_title"),
      columns: [
        {
          label: t("people_name"),
          cell: ({ person, name }) => [
            h("strong", {}, name),
            person.me && [" ", h("span", { class: "tag" }, t("people_me"))],
            person.invited && [" ", h("span", { class: "tag" }, t("people_invited_tag"))],
            person.name && h("div", { class: "muted" }, person.email),
          ],
        },
        ...GROUPS.map((group, place) => ({
          label: t(`group_${group}`),
          cell: (/** @type {typeof rows[number]} */ { boxes }) => boxes[place],
        })),
        { label: t("people_acted"), cell: ({ person }) => (person.acted_at ? t.time(person.acted_at) : "–") },
        {
          label: t("state"),
          cell: ({ person }) => h("span", { class: `mark ${person.enabled ? "good" : "bad"}` },
            t(person.enabled ? "people_enabled" : "people_disabled")),
        },
        {
          label: t("people_act"),
          cell: ({ person, save, name }) => [
            save, " ",
            !person.me && h("button", {
              type: "button",
              class: "link",
              "aria-label": t(person.enabled ? "people_disable_of" : "people_enable_of", { name }),
              on: { click: () => (person.enabled ? disable(person) : store(person, { enabled: true })) },
            }, t(person.enabled ? "people_disable" : "people_enable")),
          ],
        },
      ],
    });
    made.append(rows);
    fill(list, h("div", { class: "scroll" }, made.element));
  }

  async function load() {
    fill(failure);
    try {
      const { people } = await context.call("GET", "/api/staff/people", { signal: stopped });
      draw(people);
    } catch (error) {
      fill(list);
      showLost(context, failure, error, load);
    }
  }

  node.classList.add("people");
  fill(node, top, failure, list);
  load();
  return heading;
}
