"""axe's rule of contrast, asked once for what looks the same.

The rule is two thirds of what axe computes, and most of its answers are known: the lines of a table, the head
of each screen. What an element looks like here is what the rule judges by: its own colour, size and shadow,
and all that is painted behind it by the elements around it. It goes by the rule itself as long as that has
not said of the same look that its contrast is enough; and always where something is painted across it that is
not around it, since what lies behind it then depends on where the two are.
"""

from __future__ import annotations

from playwright.sync_api import Page

_ENOUGH: set[str] = set()
"""Looks whose contrast is enough, of all screens that this process has looked at."""

_WRAP = """known => {
  const enough = new Set(known), learnt = new Set(), looks = new Map(), around = new Map();
  const invisible = (colour) => colour === "rgba(0, 0, 0, 0)" || colour === "transparent";
  const DRAWN = "img, svg, canvas, video, picture, object, embed, iframe, input, select, textarea, progress, meter";

  // What an element adds to what lies behind its text.
  const behind = (one) => {
    if (!around.has(one)) {
      const own = getComputedStyle(one), parent = one.parentElement;
      around.set(one, [
        parent ? behind(parent) : "", one.tagName, one.getAttribute("class") ?? "",
        own.backgroundColor, own.backgroundImage, own.opacity, own.filter, own.mixBlendMode, own.visibility,
      ].join("|"));
    }
    return around.get(one);
  };

  const paints = (one) => {
    const own = getComputedStyle(one);
    return !invisible(own.backgroundColor) || own.backgroundImage !== "none" || one.matches(DRAWN)
      || ["::before", "::after"].some((part) => {
        const its = getComputedStyle(one, part);
        return its.content !== "none" && (!invisible(its.backgroundColor) || its.backgroundImage !== "none");
      });
  };
  let painted;
  const crossed = (one) => {
    painted ??= [...document.querySelectorAll("body *")].filter(paints)
      .map((other) => [other, other.getBoundingClientRect()])
      .filter(([, box]) => box.width && box.height);
    const mine = one.getBoundingClientRect();
    return painted.some(([other, box]) =>
      box.left < mine.right && mine.left < box.right && box.top < mine.bottom && mine.top < box.bottom
      && !other.contains(one) && !one.contains(other));
  };

  // Sixteen digits for a text of some hundred letters (FNV-1a, twice).
  const short = (text) => {
    let one = 0x811c9dc5, two = 0x9747b28c;
    for (let at = 0; at < text.length; at += 1) {
      one = Math.imul(one ^ text.charCodeAt(at), 0x01000193);
      two = Math.imul(two ^ text.charCodeAt(at), 0x85ebca6b);
    }
    return [one, two].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  };

  // "" for what has to be judged each time, which what carries no text itself never is.
  const speaks = (one) => one.matches("input, select, textarea")
    || [...one.childNodes].some((part) => part.nodeType === Node.TEXT_NODE && part.data.trim());
  const look = (one) => {
    if (!looks.has(one)) {
      const own = getComputedStyle(one);
      looks.set(one, !speaks(one) || crossed(one) ? "" : short([
        behind(one), own.color, own.fontSize, own.fontWeight, own.textShadow, own.webkitTextStroke,
      ].join("|")));
    }
    return looks.get(one);
  };

  const rule = axe._audit.rules.find(({ id }) => id === "color-contrast");
  const check = axe._audit.checks["color-contrast"];
  window.axeAsItIs ??= { matches: rule.matches, evaluate: check.evaluate };
  const asItIs = window.axeAsItIs;
  rule.matches = function (one, ...rest) {
    return !enough.has(look(one)) && asItIs.matches.call(this, one, ...rest);
  };
  check.evaluate = function (one, ...rest) {
    const its = look(one);
    if (enough.has(its)) return true;
    const judged = Object.create(this);
    let ratio;
    judged.data = (told) => { ratio = told?.contrastRatio; return this.data(told); };
    const answer = asItIs.evaluate.call(judged, one, ...rest);
    // What is hidden is let through without a ratio.
    if (answer === true && ratio && its) { enough.add(its); learnt.add(its); }
    return answer;
  };
  window.axeHasLearnt = () => [...learnt];
}"""


def ask_once(page: Page) -> None:
    """From here on axe, which is in the page already, leaves out what is known to have contrast enough."""
    page.evaluate(_WRAP, sorted(_ENOUGH))


def learn(page: Page) -> None:
    """What axe has found since, for all screens that follow."""
    _ENOUGH.update(page.evaluate("() => axeHasLearnt()"))
