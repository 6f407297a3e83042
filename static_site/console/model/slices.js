// Long work in slices, so that requests are answered in between.

const SLICE = 10; // milliseconds

/**
 * Runs work that yields between its steps, and lets others have their turn every ten milliseconds.
 * @template Result
 * @param {Generator<void, Result>} work
 */
export async function sliced(work) {
  for (;;) {
    const until = performance.now() + SLICE;
    while (performance.now() < until) {
      const step = work.next();
      if (step.done) return step.value;
    }
    await new Promise((go) => setTimeout(go));
  }
}
