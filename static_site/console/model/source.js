// Where the rows come from: the snapshot's parts and the changes, asked for with a page's token.
import { sliced } from "./slices.js";
import { Portfolio } from "./portfolio.js";
/** @import { Changes, Snapshot } from "../../types/model" */

const PATH = "/api/staff/portfolio";

/** The server said no, or (status 0) nothing. */
export class NotAnswered extends Error {
  /**
   * @param {number} status
   * @param {{ code?: string, correlation_id?: string }} [facts]
   */
  constructor(status, { code = "", correlation_id: correlation = "" } = {}) {
    super(code);
    this.status = status;
    this.code = code;
    this.correlation = correlation;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function answered(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new NotAnswered(0);
  }
  if (response.ok) return response;
  const facts = await response.json().catch(() => ({}));
  throw new NotAnswered(response.status, facts);
}

export class Source {
  /** @param {() => string} token */
  constructor(token) {
    this.token = token;
  }

  /**
   * @param {string} path
   * @param {string} [method]
   */
  async api(path, method = "GET") {
    const headers = { authorization: `Bearer ${this.token()}`, accept: "application/json" };
    const response = await answered(path, { method, headers, cache: "no-store" });
    return response.json().catch(() => {
      throw new NotAnswered(0); // cut off
    });
  }

  /**
   * The newest snapshot, or null: there is none yet.
   * @returns {Promise<Snapshot | null>}
   */
  async newest() {
    try {
      return await this.api(PATH);
    } catch (error) {
      if (error instanceof NotAnswered && error.code === "no_snapshot") return null;
      throw error;
    }
  }

  /** Has a snapshot built. */
  build() {
    return this.api(PATH, "POST");
  }

  /**
   * @param {string} after
   * @returns {Promise<Changes>}
   */
  changes(after) {
    return this.api(`${PATH}/changes?${new URLSearchParams({ after })}`);
  }

  /**
   * A file of a snapshot, as it is sent.
   * @param {Snapshot} snapshot
   * @param {string} name that of its part
   */
  async file(snapshot, name) {
    const found = snapshot.parts.find((one) => one.name === name);
    if (!found) throw new NotAnswered(0);
    const response = await answered(found.url, {});
    return response.arrayBuffer().catch(() => {
      throw new NotAnswered(0); // cut off
    });
  }
}

/**
 * Reads a snapshot's files; `came` is told after each part, the first of which stands alone.
 * @param {(name: string) => Promise<ArrayBuffer>} file
 * @param {(portfolio: Portfolio) => void} came
 */
export async function read(file, came) {
  const portfolio = new Portfolio();
  await sliced(portfolio.readGrid(await unzipped(await file("grid"))));
  came(portfolio);
  const [machines, people] = await Promise.all([file("machines"), file("people")]);
  await sliced(portfolio.readMachines(await unzipped(machines)));
  came(portfolio);
  await sliced(portfolio.readPeople(await unzipped(people)));
  came(portfolio);
  return portfolio;
}

/** @param {ArrayBuffer} file */
async function unzipped(file) {
  try {
    return await new Response(new Blob([file]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  } catch {
    throw new NotAnswered(0); // cut off
  }
}
