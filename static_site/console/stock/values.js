// The values of the machines in sight: they are not among the rows, and asked for by the hundred.
/** @import { Context } from "../../types/console" */
/** @import { MachineRow, MachineValues } from "../../types/stock" */

const MOST = 100;
const PAUSE = 120; // until a list stands still
const HELD = 2000;

export class Values {
  /**
   * @param {Context} context
   * @param {AbortSignal} stopped
   * @param {(ids: Set<string>) => void} came
   */
  constructor(context, stopped, came) {
    this.context = context;
    this.stopped = stopped;
    this.came = came;
    /** @type {Map<string, { rev: number, values: MachineValues | null }>} */
    this.held = new Map();
    /** @type {Map<string, number>} */
    this.wanted = new Map();
    this.timer = 0;
  }

  /**
   * The meter of a kind, where it is known; else it is asked for.
   * @param {MachineRow} row
   * @param {string} kind
   */
  of(row, kind) {
    const held = this.held.get(row.id);
    if (!held || held.rev < row.rev) this.want(row);
    const meters = held?.values?.meters ?? [];
    return meters.find((meter) => meter.kind === kind) ?? (kind === "BW" ? meters.find((meter) => meter.kind === "TOTAL") : undefined);
  }

  /** @param {MachineRow} row */
  want(row) {
    this.wanted.delete(row.id);
    this.wanted.set(row.id, row.rev);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.fetch(), PAUSE);
  }

  /** The latest that came into sight; what has left it is not asked for. */
  async fetch() {
    const wanted = new Map([...this.wanted].slice(-MOST));
    this.wanted.clear();
    if (this.stopped.aborted || !wanted.size) return;
    const path = /** @type {const} */ (`/api/staff/machines/values?${new URLSearchParams({ ids: [...wanted.keys()].join(",") })}`);
    try {
      const { machines } = await this.context.call("GET", path, { signal: this.stopped });
      if (this.held.size > HELD) this.held.clear();
      for (const [id, rev] of wanted) this.held.set(id, { rev, values: null });
      for (const values of machines) this.held.set(values.id, { rev: Math.max(values.rev, wanted.get(values.id) ?? 0), values });
      this.came(new Set(wanted.keys()));
    } catch {
      // The columns stay empty; rows that come into sight ask again, and the status row tells of the server.
    }
  }
}
