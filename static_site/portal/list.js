// Long lists of cards, by place: outlines in chunks, whole cards near the window.
import { h } from "/shared/page.js";
/** @import { Card, Group, Listing, MachinePage, Place, Row, Section } from "../types/portal" */

/**
 * Watches elements: `came(element)` once for each, as soon as it comes near the window.
 * @template {Element} Watched
 * @param {(element: Watched) => void} came
 */
export const nearby = (came) => new IntersectionObserver((seen, near) => {
  for (const { target } of seen.filter((entry) => entry.isIntersecting)) {
    near.unobserve(target);
    came(/** @type {Watched} */ (target));
  }
}, { rootMargin: "900px" });

const FIRST = 6; // cards that are drawn at once: more than a phone shows, so that none grows in sight
const CHUNK = 20; // outlines drawn between two breaths of the page
const MOST = 50; // cards below one heading, which the browser leaves out together where they are far away
const CARD = 11.5; // rem that a card and the gap below it take, until it has been near
const [HEADING, FOLDED] = [2, 3]; // rem
const FEW = 50; // so many are drawn whole in the end, for readers that never scroll
const breath = () => new Promise((go) => setTimeout(go));
const whole = nearby((/** @type {Row} */ row) => row.card.build());
/** Rows are watched once their group is near: the browser looks at everything that is watched in every frame. */
const groups = nearby((/** @type {Section} */ section) => {
  section.group.near = true;
  for (const row of section.group.cards.children) whole.observe(row);
});
/** @param {Place} location */
const placeOf = ({ site, building, floor }) => [site, building, floor].filter(Boolean).join(" · ");

/** What stands apart, in the order of a list: `""` are those of a place; what waits comes apart only by the outbox. */
const ORDER = ["waiting", "check", "", "later", "problem", "done"];

/**
 * A place of a list, or machines that stand apart from it: what is done is folded. `key` is the heading where there is no place.
 * @param {Listing} list
 * @param {string} apart
 * @param {string} title the place, or the first day
 * @param {string} key
 */
function group({ app, list }, apart, title, key) {
  const cards = h("ul", { class: "cards" });
  const told = title && !apart ? {} : { "data-text": key, "data-date": title || null };
  const heading = h(apart === "done" ? "summary" : "h2", told, title && !apart ? title : app.t(key, { date: app.t.date(title), count: 1 }));
  const section = h("section", { class: `group ${apart}`, "data-apart": apart },
    apart === "done" ? h("details", {}, heading, cards) : [heading, cards]);
  const rank = ORDER.indexOf(apart);
  const behind = [.../** @type {HTMLCollectionOf<HTMLElement>} */ (list.children)].find((other) => {
    const theirs = ORDER.indexOf(other.dataset.apart || "");
    return theirs > rank || (apart === "later" && theirs === rank && (other.dataset.day || "") > title);
  });
  if (apart === "later") section.dataset.day = title;
  list.insertBefore(section, behind || null);
  const made = { place: title, key, cards, section, heading, near: false };
  groups.observe(Object.assign(section, { group: made }));
  return made;
}

/**
 * Where a card goes: to its place, or apart.
 * @param {Listing} list
 * @param {Card} card
 */
export function groupOf(list, card) {
  const apart = list.apart ? card.apart : "";
  if (!apart) {
    const place = placeOf(card.machine.location);
    const { group: last } = list;
    if (last?.place !== place) list.group = group(list, "", place, last ? "elsewhere" : list.unplaced);
    else if (last.cards.children.length === MOST) list.group = group(list, "", place, last.key);
    return /** @type {Group} */ (list.group);
  }
  const day = apart === "later" ? card.machine.opens_on ?? "" : "";
  const found = (list.aside ||= {})[apart + day] ||= group(list, apart, day, apart);
  if (apart === "done") {
    found.heading.dataset.count = String(found.cards.children.length + 1);
    found.heading.textContent = list.app.t(apart, { count: found.cards.children.length + 1 });
  }
  return found;
}

/**
 * Appends a page of the API, by place. A list has `app`, `cards`, an element `list`, `unplaced` (a heading) and
 * `make(machine)` -> card. With `apart`, what is to be checked stands first, what is not due, waits for the dealer or is done last.
 * @param {Listing} list
 * @param {MachinePage} page
 */
export async function append(list, page) {
  for (const machine of page.machines) {
    const card = list.make(machine);
    const { cards, near, section } = groupOf(list, card);
    cards.append(card.row);
    list.cards.push(card);
    const folded = section.dataset.apart === "done";
    section.style.containIntrinsicBlockSize = `auto ${folded ? FOLDED : CARD * cards.children.length + HEADING}rem`;
    if (list.cards.length <= FIRST) {
      for (const { style } of [card.row, section]) style.contentVisibility = "visible"; // Else a taller one would grow in its first moment.
      card.build();
    } else if (near) whole.observe(card.row);
    if (list.cards.length % CHUNK === 0) await breath();
  }
  if (!page.next_cursor && list.cards.length <= FEW) {
    for (const card of list.cards) {
      card.build();
      await breath();
    }
  }
}
