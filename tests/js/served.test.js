// What is served is what was written: each script of the site is the same program, without its comments. The modules
// of the portal's start are one program, the others of the portal import from that.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { parse, tokenize } from "espree";

const BOTH = `
import json
from infra.aws.portal_page import KEY, parts
from infra.aws.site import pages, served
together = parts(pages()[KEY].read_text())
scripts = {key: file.read_bytes() for key, file in pages().items() if key.endswith(".js")}
sent = {key: [text.decode(), (served(key, "") or b"").decode()] for key, text in scripts.items()}
print(json.dumps([together, sent]))
`;
const [together, scripts] = JSON.parse(execFileSync(".venv/bin/python", ["-c", BOTH], { encoding: "utf8", maxBuffer: 2 ** 26 }));
const LATEST = { ecmaVersion: "latest", sourceType: "module" };
const START = together.at(-1);
const bodyOf = (text) => parse(text, LATEST).body;
const told = (body) => JSON.stringify(body, (name, value) => (["start", "end"].includes(name) ? undefined : value));
const ofAPart = ({ type, source }) => type === "ImportDeclaration" && together.includes(source.value.slice(1));

/** The program that is to be served: one for the start, and who imports from its parts imports from it. */
function meant(key, written) {
  if (key === START) return together.flatMap((part) => bodyOf(scripts[part][0])).filter((line) => !ofAPart(line));
  if (/^(staff|shared)\//.test(key)) return bodyOf(written);
  const source = { type: "Literal", value: `/${START}`, raw: `"/${START}"` };
  return bodyOf(written).map((line) => (ofAPart(line) ? { ...line, source } : line));
}

test("what is served is the program that was written", () => {
  assert.ok("portal.js" in scripts && "staff/console.js" in scripts);
  for (const [key, [written, served]] of Object.entries(scripts)) {
    if (served) assert.ok(told(bodyOf(served)) === told(meant(key, written)), key);
    else assert.ok(together.slice(0, -1).includes(key), key);
  }
});

test("nothing that the portal loads asks for a part of its start again", () => {
  const imports = (key) => bodyOf(scripts[key][1]).filter(({ type }) => type === "ImportDeclaration");
  const asks = (key) => imports(key).map(({ source }) => source.value.slice(1));
  const portal = Object.keys(scripts).filter((key) => scripts[key][1] && !/^(staff|shared)\//.test(key) && key !== "sw.js");
  const shared = new Set(portal.flatMap(asks).filter((key) => key.startsWith("shared/")));
  assert.ok(shared.size > 0);
  for (const key of [...portal, ...shared]) {
    for (const part of together.slice(0, -1)) assert.ok(!asks(key).includes(part), `${key}: ${part}`);
  }
});

test("no comment is served", () => {
  const comments = (text) => tokenize(text, { ...LATEST, comment: true }).comments.length;
  assert.ok(comments(scripts["portal.js"][0]) > 0);
  for (const [key, [, served]] of Object.entries(scripts)) assert.equal(comments(served), 0, key);
});
