// Archives that the console packs, as any reader of ZIP files expects them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { crc32, packed } from "../../static_site/console/exchange/packing.js";

test("the sum of an archive's file is that of the standard", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  assert.equal(crc32(new Uint8Array()), 0);
});

test("several files make an archive that Python reads, with names of any script, the same each time", async () => {
  const files = [["firmen.csv", "Nummer;Firma\r\n1;Ödön\r\n"], ["zähler č.csv", ""], ["b.csv", "x".repeat(70_000)]];
  const given = files.map(([name, text]) => new File([text], name));
  const archive = Buffer.from(await (await packed(given)).arrayBuffer());
  assert.deepEqual(archive, Buffer.from(await (await packed(given)).arrayBuffer()));
  const folder = mkdtempSync(join(tmpdir(), "packed-"));
  const path = join(folder, "a.zip");
  writeFileSync(path, archive);
  const script = "import json,sys,zipfile\na=zipfile.ZipFile(sys.argv[1])\nassert a.testzip() is None\n"
    + "print(json.dumps([[n,a.read(n).decode()] for n in a.namelist()]))";
  const read = JSON.parse(execFileSync("python3", ["-c", script, path], { encoding: "utf-8" }));
  rmSync(folder, { recursive: true });
  assert.deepEqual(read, files);
});
