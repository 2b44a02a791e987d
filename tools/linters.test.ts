import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";

/** The rules that biome.json holds for a folder; those of tidy are planted in tidy*.test.ts. */

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What Biome says of files that were made up, by our own configuration: `path:line rule`. */
function lint(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), "mintro-lint-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // Outside the repository there is no list of ignored files.
  const config = JSON.parse(readFileSync(join(ROOT, "biome.json"), "utf8"));
  delete config.vcs;
  for (const [path, text] of Object.entries({ ...files, "biome.json": JSON.stringify(config) })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const PATH = `${join(ROOT, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  const { stdout, stderr } = spawnSync("biome", ["lint", "--colors=off", "--max-diagnostics=none", "."], {
    cwd: folder,
    env: { ...process.env, PATH },
    encoding: "utf8",
  });
  const found = [...`${stdout}\n${stderr}`.matchAll(/^(\S+?):(\d+):\d+ lint\/\w+\/(\w+)/gm)];
  return found.map(([, path, line, rule]) => `${path}:${line} ${rule}`).sort();
}

const CODE = [
  "const ask = fetch;",
  "const { env } = process;",
  'process.stdout.write("x");',
  "const time = globalThis.Date;",
  "const wait = Promise.resolve(1);",
  "export function own(fetch: () => void, process: number) {",
  "  fetch();",
  "  return [ask, env, time, wait, process];",
  "}",
  "",
].join("\n");

describe("what needs no import is held by the folder", () => {
  const rungs = ["base", "domain", "audit", "store", "processors", "flows", "api", "worker", "main"];
  const files = Object.fromEntries(rungs.map((rung) => [`server/src/${rung}/a.ts`, CODE]));

  test("only main knows the process, flows and processors may call the outside, and domain waits for nothing", () => {
    const denied: Record<string, readonly number[]> = {
      base: [1, 2, 3, 4],
      domain: [1, 2, 3, 4, 5],
      audit: [1, 2, 3, 4],
      store: [1, 2, 3, 4],
      processors: [2, 3, 4],
      flows: [2, 3, 4],
      api: [1, 2, 3, 4],
      worker: [1, 2, 3, 4],
    };
    const expected = Object.entries(denied).flatMap(([rung, lines]) =>
      lines.map((line) => `server/src/${rung}/a.ts:${line} noRestrictedGlobals`),
    );
    expect(lint(files)).toEqual(expected.sort());
  });

  test("tests may", () => {
    expect(lint({ "server/src/domain/a.test.ts": CODE })).toEqual([]);
  });
});

test("nobody exports by default, prints, escapes the types or leaves something unused", () => {
  const code = [
    'import { a } from "./b.ts";',
    "export default 1;",
    "console.log(1);",
    "export const b = (c: any) => c!;",
    "",
  ].join("\n");
  expect(lint({ "server/src/flows/a.ts": code })).toEqual([
    "server/src/flows/a.ts:1 noUnusedImports",
    "server/src/flows/a.ts:2 noDefaultExport",
    "server/src/flows/a.ts:3 noConsole",
    "server/src/flows/a.ts:4 noExplicitAny",
    "server/src/flows/a.ts:4 noNonNullAssertion",
  ]);
});
