// What is served is what was written: each script of the site is the same program, without its comments.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { parse, tokenize } from "espree";

const BOTH = `
import json
from infra.aws.site import pages, served
scripts = {key: file.read_bytes() for key, file in pages().items() if key.endswith(".js")}
print(json.dumps({key: [text.decode(), served(key, "").decode()] for key, text in scripts.items()}))
`;
const scripts = JSON.parse(execFileSync(".venv/bin/python", ["-c", BOTH], { encoding: "utf8", maxBuffer: 2 ** 26 }));
const LATEST = { ecmaVersion: "latest", sourceType: "module" };
const program = (text) => JSON.stringify(parse(text, LATEST), (name, value) => (["start", "end"].includes(name) ? undefined : value));

test("what is served is the program that was written", () => {
  assert.ok("portal.js" in scripts && "staff/console.js" in scripts);
  for (const [key, [written, served]] of Object.entries(scripts)) assert.ok(program(served) === program(written), key);
});

test("no comment is served", () => {
  const comments = (text) => tokenize(text, { ...LATEST, comment: true }).comments.length;
  assert.ok(comments(scripts["portal.js"][0]) > 0);
  for (const [key, [, served]] of Object.entries(scripts)) assert.equal(comments(served), 0, key);
});
