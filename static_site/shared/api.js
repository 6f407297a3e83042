// The one door to the API: JSON in and out, refusals as exceptions.

/** A refusal of the API (RFC 9457). `code` decides, `message` is for people, `facts` is the whole answer. */
export class Refused extends Error {
  constructor(status, facts) {
    super(facts.detail || facts.title || facts.message || "");
    this.status = status;
    this.facts = facts;
    this.code = facts.code || "";
    this.field = facts.field || "";
    this.correlation = facts.correlation_id || "";
  }
}

/** No answer came: the network is gone, or the server cannot be reached. */
export class NetworkLost extends Error {}

async function bodyOf(response) {
  const kind = response.headers.get("content-type") || "";
  if (response.status === 204) return {};
  if (!kind.includes("json")) return {};
  try {
    return await response.json();
  } catch {
    throw new NetworkLost();
  }
}

/**
 * Returns a function (method, path, {body, key, type, file, signal}) -> the answer's JSON.
 * `headers()` gives headers that each request carries (language, authorization).
 * `key` becomes the Idempotency-Key. `type` sends `body` as it is, with that content type;
 * `file` gives the whole response instead, for its content and headers.
 * Throws Refused for 4xx/5xx, NetworkLost without an answer.
 */
export function apiClient(headers) {
  return async function call(method, path, { body, key, type, file, signal } = {}) {
    const sent = { accept: "application/json", ...headers() };
    if (body !== undefined) sent["content-type"] = type || "application/json";
    if (key) sent["idempotency-key"] = key;
    let response;
    try {
      response = await fetch(path, {
        method,
        headers: sent,
        body: body === undefined || type ? body : JSON.stringify(body),
        credentials: "same-origin",
        cache: "no-store",
        signal,
      });
    } catch (reason) {
      if (reason.name === "AbortError") throw reason;
      throw new NetworkLost();
    }
    if (file && response.ok) return response;
    const answer = await bodyOf(response);
    if (!response.ok) throw new Refused(response.status, answer);
    return answer;
  };
}

/** Gives the same key again for the same body, so that a repeated request is one request. */
export function sameKey() {
  let last = "";
  let key = "";
  return (body) => {
    const text = JSON.stringify(body);
    if (text !== last) {
      last = text;
      key = crypto.randomUUID();
    }
    return key;
  };
}
