// Answers that come in parts: one "more" for every result with a cursor.
import { fill, h } from "/shared/page.js";
import { showFailure } from "./parts.js";

/**
 * Offers the next part of `answer` in `foot`. `lists` names what grows; `draw(answer)` draws what is
 * known so far, the numbers being the newest.
 */
export function offerMore(desk, foot, { answer, path, lists, draw, stopped }) {
  fill(foot);
  if (!answer.next_cursor || answer.state === "running") return;
  const failure = h("div");
  const button = h("button", { type: "button", class: "button quiet" }, desk.t("more"));
  button.addEventListener("click", async () => {
    button.setAttribute("aria-disabled", "true");
    try {
      const next = await desk.call("GET", `${path}?cursor=${encodeURIComponent(answer.next_cursor)}`, { signal: stopped });
      const joined = { ...answer, ...next };
      for (const list of lists) joined[list] = [...(answer[list] || []), ...(next[list] || [])];
      draw(joined);
      offerMore(desk, foot, { answer: joined, path, lists, draw, stopped });
    } catch (error) {
      button.removeAttribute("aria-disabled");
      showFailure(desk, failure, error);
    }
  });
  foot.append(button, failure);
}
