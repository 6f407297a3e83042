// The door: the personal link's token, taken from the fragment and posted by a click, never before.
import { h, fill } from "/shared/dom.js";

/** The device has opened a link before. A convenience, no authority: the token alone opens. */
export const OPENED_BEFORE = "meterportal.opened";

function decoded(text) {
  let before = text;
  for (let round = 0; round < 3; round += 1) {
    const after = before.replace(/%([0-9a-f]{2})/gi, (whole, hex) => {
      const code = parseInt(hex, 16);
      return code < 128 ? String.fromCharCode(code) : whole;
    });
    if (after === before) break;
    before = after;
  }
  return before;
}

/**
 * The token in an address, or null. Repairs what mail programs do to links: an escaped "#" in path
 * or query, spaces and line breaks, a quoted-printable "=3D", a trailing dot or bracket.
 */
export function tokenFrom(address) {
  const [, ...rest] = decoded(address).split(/[#?&/]t=/);
  if (!rest.length) return null;
  const text = rest.join("").replace(/[\s<>"']|=\r?\n/g, "").replace(/^3D/, "");
  const token = (text.match(/^[A-Za-z0-9._~-]+/) || [""])[0].replace(/\.+$/, "");
  return token || null;
}

/** A page of the door: title, paragraphs, and what can be done. */
function page(node, title, paragraphs, actions = []) {
  const heading = h("h1", {}, title);
  fill(
    node,
    h("div", { class: "door" }, heading, paragraphs.map((text) => text && h("p", {}, text)), actions.length > 0 && h("p", { class: "actions" }, actions)),
  );
  return heading;
}

const button = (text, action, kind = "") => h("button", { type: "button", class: `button ${kind}`.trim(), on: { click: action } }, text);

/** The door before the click. `open` posts the token. */
export function closedDoor(node, t, open) {
  const go = button(t("door_go"), () => {
    if (go.getAttribute("aria-disabled")) return;
    go.setAttribute("aria-disabled", "true");
    open();
  }, "large");
  const heading = page(node, t("title"), [t("door_lead")], [go]);
  node.firstChild.append(h("p", { class: "muted small" }, t("door_privacy")));
  return heading;
}

/** One neutral page for every link that opens nothing. */
export function deadLink(node, t) {
  return page(node, t("dead_title"), [t("dead_text"), t("dead_open"), t("dead_dealer")]);
}

/** Somebody came without a link. */
export function noLink(node, t) {
  return page(node, t("nothing_title"), [t("nothing_text"), t("dead_open"), t("dead_dealer")]);
}

/** The session has ended; `again` opens once more where the page still knows the link. */
export function endedSession(node, t, again) {
  return page(node, t("ended_title"), [t("ended_text"), !again && t("dead_open")], again ? [button(t("ended_again"), again)] : []);
}

/** Logged out by hand. */
export function loggedOut(node, t) {
  return page(node, t("out_title"), [t("out_text")]);
}

/** Nothing could be loaded; `again` tries once more. */
export function failedLoad(node, t, text, again) {
  return page(node, t("failed_title"), [text], [button(t("failed_again"), again)]);
}
