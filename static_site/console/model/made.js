// What was made of the rows, kept until the rows or what was asked for are others.
/** @import { Portfolio } from "./portfolio.js" */

/** @template Result */
export class Made {
  /** @param {number} [most] how many are kept */
  constructor(most = 4) {
    this.most = most;
    /** @type {Map<string, { portfolio: Portfolio, seen: number, result: Result }>} the latest last */
    this.held = new Map();
  }

  /**
   * What is kept under a name; null where it was made of other rows.
   * @param {string} name
   * @param {Portfolio} portfolio
   * @param {number} seen how much had changed
   */
  of(name, portfolio, seen) {
    const found = this.held.get(name);
    return found?.portfolio === portfolio && found.seen === seen ? found.result : null;
  }

  /**
   * @param {string} name
   * @param {Portfolio} portfolio
   * @param {number} seen
   * @param {Result} result
   */
  keep(name, portfolio, seen, result) {
    this.held.delete(name);
    this.held.set(name, { portfolio, seen, result });
    for (const oldest of this.held.keys()) {
      if (this.held.size <= this.most) break;
      this.held.delete(oldest);
    }
    return result;
  }

  /**
   * What is kept, or else made now.
   * @param {string} name
   * @param {Portfolio} portfolio
   * @param {number} seen
   * @param {() => Promise<Result>} make
   */
  async once(name, portfolio, seen, make) {
    return this.of(name, portfolio, seen) ?? this.keep(name, portfolio, seen, await make());
  }

  clear() {
    this.held.clear();
  }
}
