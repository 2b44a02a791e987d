import { describe, expect, test } from "vitest";
import { planted, untidy } from "./tidy/plant.ts";
import { RATCHET } from "./tidy/sizes.ts";

describe("imports go one way along the rungs", () => {
  test.each([
    ["base", "domain/money"],
    ["domain", "store/intents"],
    ["store", "processors/processor"],
    ["audit", "domain/money"],
    ["audit", "store/intents"],
    ["processors", "store/intents"],
    ["store", "flows/once"],
    ["flows", "api/server"],
    ["api", "worker/loop"],
    ["worker", "api/server"],
    ["api", "main/config"],
  ])("%s may not import %s", (rung, other) => {
    const path = `server/src/${rung}/file.ts`;
    expect(planted(path, `import { a } from "../${other}.ts";`)).toEqual([`${path}:2: rungs`]);
    expect(planted(path, `import type { A } from "../${other}.ts";`)).toEqual([`${path}:2: rungs`]);
    expect(planted(path, `export { a } from "../${other}.ts";`)).toContain(`${path}:2: rungs`);
    expect(planted(path, `const a = await import("../${other}.ts");`)).toContain(`${path}:2: rungs`);
  });

  test.each([
    ["domain", "base/instant"],
    ["audit", "base/instant"],
    ["store", "domain/intent"],
    ["processors", "domain/charge"],
    ["flows", "processors/registry"],
    ["api", "flows/once"],
    ["worker", "store/database"],
    ["main", "api/server"],
    ["flows", "flows/once"],
  ])("%s may import %s", (rung, other) => {
    expect(planted(`server/src/${rung}/file.ts`, `import { a } from "../${other}.ts";`)).toEqual([]);
  });

  test("a file outside every rung is found", () => {
    expect(planted("server/src/utils/text.ts", "export const a = 1;")).toEqual([
      "server/src/utils/text.ts:1: rungs",
    ]);
  });

  test("imports in comments and strings are none", () => {
    const code = `// import { a } from "../store/intents.ts";\nexport const a = 'import "../store/intents.ts"';`;
    expect(planted("server/src/domain/intent.ts", code)).toEqual([]);
  });
});

describe("nouns stand in one order", () => {
  test.each([
    ["server/src/store/intents.ts", "./charges.ts"],
    ["server/src/store/intents.ts", "../domain/charge.ts"],
    ["server/src/domain/event.ts", "./webhook-signature.ts"],
    ["server/src/store/clients.ts", "./customers.ts"],
    ["server/src/store/events.ts", "./deliveries.ts"],
  ])("%s may not import %s", (path, other) => {
    expect(planted(path, `import { a } from "${other}";`)).toEqual([`${path}:2: nouns`]);
  });

  test.each([
    ["server/src/store/charges.ts", "./intents.ts"],
    ["server/src/store/intents.ts", "./page.ts"],
    ["server/src/store/page.ts", "./intents.ts"],
    ["server/src/flows/intents/create.ts", "../../store/webhooks.ts"],
  ])("%s may import %s", (path, other) => {
    expect(planted(path, `import { a } from "${other}";`)).toEqual([]);
  });
});

describe("domain only computes", () => {
  const path = "server/src/domain/money.ts";
  test.each([
    'import { readFile } from "node:fs/promises";',
    'import pg from "pg";',
    'import { request } from "undici";',
    "export async function later() {}",
    "export const later = async () => 1;",
  ])("%s is found", (code) => {
    expect(planted(path, code)).toEqual([`${path}:2: pure-domain`]);
  });

  test("a hash is a computation", () => {
    expect(planted(path, 'import { createHmac } from "node:crypto";')).toEqual([]);
  });
});

describe("workspaces know only what their package allows", () => {
  test.each([
    ["contract/src/intent.ts", "@mintro/server/base/instant"],
    ["contract/src/intent.ts", "../../server/src/base/instant.ts"],
    ["checkout/src/app.tsx", "@mintro/server/base/instant"],
    ["checkout/src/app.tsx", "mintro"],
    ["server/src/api/server.ts", "../../../contract/src/checkout.ts"],
    ["server/src/api/server.ts", "mintro/thing"],
    ["cli/src/mintro.ts", "@mintro/checkout/assets"],
  ])("%s may not import %s", (path, other) => {
    expect(planted(path, `import type { A } from "${other}";`)).toEqual([`${path}:2: workspaces`]);
  });

  test.each([
    ["checkout/src/app.tsx", "@mintro/contract/checkout"],
    ["server/src/api/server.ts", "@mintro/contract/checkout"],
    ["server/src/api/checkout.ts", "@mintro/checkout/assets"],
    ["cli/src/mintro.ts", "@mintro/server/main/config"],
  ])("%s may import %s", (path, other) => {
    expect(planted(path, `import type { A } from "${other}";`)).toEqual([]);
  });

  test("the checkout page takes only types from the contract, so that it does not carry Zod", () => {
    const path = "checkout/src/app.tsx";
    expect(planted(path, 'import { a } from "@mintro/contract/checkout";')).toEqual([
      `${path}:2: workspaces`,
    ]);
    expect(planted(path, 'import { z } from "zod";')).toEqual([`${path}:2: workspaces`]);
  });

  test("code does not import tests", () => {
    const path = "server/src/store/intents.ts";
    expect(planted(path, 'import { a } from "../../test/support/database.ts";')).toEqual([
      `${path}:2: workspaces`,
    ]);
  });
});

test("imports that go round in a circle are found", () => {
  const files = {
    "server/src/flows/a.ts": '// Why.\nimport { b } from "./b.ts";\n',
    "server/src/flows/b.ts": '// Why.\nimport { c } from "./c.ts";\n',
    "server/src/flows/c.ts": '// Why.\nimport { a } from "./a.ts";\n',
  };
  expect(untidy(files)).toEqual(["server/src/flows/c.ts:2: cycles"]);
});

describe("clock and chance come from World", () => {
  const path = "server/src/flows/file.ts";
  test.each([
    "Date.now();",
    "new Date();",
    "globalThis.Date.now();",
    "Date['now']();",
    "const { now } = Date;",
    "performance.now();",
    "Math.random();",
    "process.hrtime();",
    "crypto.randomUUID();",
    "crypto.getRandomValues(a);",
    'import { randomBytes } from "node:crypto";',
    'import { randomUUID as id } from "node:crypto";',
    "setTimeout(f, 1);",
    "globalThis.setInterval(f, 1);",
    'import { setTimeout } from "node:timers/promises";',
    "const D = Date;",
    "ask(Date);",
    "const { ...all } = Math;",
    "const M = Math;",
    "Math['ran' + 'dom']();",
    "const dice = crypto;",
    "const watch = performance;",
    'import { performance as watch } from "node:perf_hooks";',
    'import * as dice from "node:crypto";',
    'import dice from "node:crypto";',
    'import { webcrypto } from "node:crypto";',
    "const later = setTimeout;",
    "AbortSignal.timeout(5);",
  ])("%s is found", (code) => {
    expect(planted(path, code)).toEqual([`${path}:2: world`]);
    expect(planted("server/src/flows/file.test.ts", code)).toEqual([]);
    expect(planted("tools/file.ts", code)).toEqual([]);
  });

  test.each([
    "new Date(5);",
    "Date.parse(a);",
    "a instanceof Date;",
    "type A = Date;",
    "let a: { Date: number };",
    "Math.max(1, 2);",
    "world.now();",
    "// Date.now()",
    "'Math.random()';",
  ])("%s is none", (code) => expect(planted(path, code)).toEqual([]));

  test("a class does not take over from the clock", () => {
    expect(planted(path, "class Clock extends Date {}")).toContain(`${path}:2: world`);
  });

  test("world.ts reads the clock, and the worker may wait but not read it", () => {
    expect(planted("server/src/base/world.ts", "Date.now();")).toEqual([]);
    expect(planted("server/src/worker/loop.ts", "setTimeout(f, 1);")).toEqual([]);
    expect(planted("server/src/worker/loop.ts", "Date.now();")).toEqual([
      "server/src/worker/loop.ts:2: world",
    ]);
  });

  test("a flow that calls the outside gives its call a deadline", () => {
    expect(planted("server/src/flows/webhooks/send.ts", "AbortSignal.timeout(5);")).toEqual([]);
  });
});

describe("only flows and processors call the outside, and only main knows the process", () => {
  test.each([
    ["server/src/store/file.ts", 'import { request } from "undici";'],
    ["server/src/base/file.ts", 'import { connect } from "node:net";'],
    ["server/src/api/file.ts", 'import * as https from "node:https";'],
    ["server/src/worker/file.ts", 'import http from "node:http";'],
    ["server/src/flows/file.ts", 'import { env } from "node:process";'],
    ["server/src/store/file.ts", 'import { spawn } from "node:child_process";'],
  ])("%s may not say %s", (path, code) => {
    expect(planted(path, code)).toEqual([`${path}:2: outside`]);
    expect(planted("server/src/main/file.ts", code)).toEqual([]);
  });

  test.each([
    ["server/src/flows/webhooks/send.ts", 'import { request } from "undici";'],
    ["server/src/base/file.ts", 'import { isIP } from "node:net";'],
    ["server/src/api/file.ts", 'import type { Socket } from "node:net";'],
  ])("%s may say %s", (path, code) => expect(planted(path, code)).toEqual([]));
});

describe("money never becomes a number", () => {
  const path = "server/src/flows/file.ts";
  test.each([
    "Number(amount);",
    "Number(intent.amount);",
    "Number(charge.amount - charge.refunded);",
    "parseFloat(order.price);",
    "Math.round(tax * 1.2);",
    "+discount;",
    "refundedAmount.toFixed(2);",
    "type A = { readonly amount: number };",
  ])("%s is found", (code) => {
    expect(planted(path, code)).toEqual([`${path}:2: money`]);
    expect(planted("contract/src/file.ts", code)).toEqual(["contract/src/file.ts:2: money"]);
  });

  test.each([
    "Number(count);",
    "Number(amounts.length);",
    "Math.round(ms);",
    "const a = amount + tax;",
    "type A = { readonly amount: bigint };",
  ])("%s is none", (code) => expect(planted(path, code)).toEqual([]));
});

describe("files look alike", () => {
  test("a file begins with the reason for it", () => {
    expect(untidy({ "cli/src/a.ts": 'import a from "b";\nconst c = a;\n' })).toEqual([
      "cli/src/a.ts:2: opening",
    ]);
    expect(untidy({ "cli/src/a.ts": "/** Why. */\nconst c = 1;\n" })).toEqual([]);
  });

  test.each(["export default 1;", "export { a as default };", 'export * from "./b.ts";'])(
    "%s is found",
    (code) => expect(planted("cli/src/a.ts", code)).toEqual(["cli/src/a.ts:2: exports"]),
  );

  test("a configuration file has the default export that its tool wants", () => {
    expect(planted("vitest.config.ts", "export default {};")).toEqual([]);
    const hidden = "server/src/store/intents.config.ts";
    expect(planted(hidden, "export default {};")).toEqual([`${hidden}:2: exports`]);
  });

  test.each([
    "class A extends B {}",
    "export class A extends b.Agent {}",
    "const a = class extends B {};",
    "class Base {}\nclass A extends Base {}",
  ])("%s takes over from another class", (code) => {
    expect(planted("server/src/flows/a.ts", code).at(-1)).toMatch(/: inheritance$/);
  });

  test("an error may take over from an error", () => {
    const code = "class A extends Error {}\nclass B extends A {}\nclass C extends TypeError {}";
    expect(planted("server/src/flows/a.ts", code)).toEqual([]);
  });

  test("only main prints", () => {
    expect(planted("server/src/api/server.ts", "console.log(1);")).toEqual([
      "server/src/api/server.ts:2: quiet",
    ]);
    expect(planted("server/src/main/start.ts", "console.log(1);")).toEqual([]);
  });

  test("what does not parse is found", () => {
    expect(planted("cli/src/a.ts", "const a = ;")).toContain("cli/src/a.ts:2: syntax");
  });

  // Put together here, or tidy would find them in this file.
  const folder = (...names: string[]): string => `"${names.join("/")}";`;
  test.each([
    folder("", "home", "ann"),
    folder("", "Users", "ann"),
    folder("", "root", "mintro"),
    folder("C:", "Users", "ann").replaceAll("/", "\\"),
  ])("%s is a folder of one machine", (code) => {
    expect(planted("cli/src/a.ts", code)).toEqual(["cli/src/a.ts:2: machine-paths"]);
    expect(untidy({ "docs/a.md": code })).toEqual(["docs/a.md:1: machine-paths"]);
  });

  test.each(['"https://example.com/home/page";', '"/dev/shm";', '"../root/a";', '"/rooted";', "a/root/b;"])(
    "%s is none",
    (code) => expect(planted("cli/src/a.ts", code)).toEqual([]),
  );
});

describe("every test runs, against the real thing", () => {
  test.each([
    "test.only('a b', f);",
    "it.skip('a b', f);",
    "describe.concurrent.only('a b', f);",
    "test.each([1]).skip('a b', f);",
    "test.skipIf(true)('a b', f);",
    "test.todo('a b');",
    "test('a b', { skip: true }, f);",
    "context.skip();",
    "vi.mock('./a.ts');",
  ])("%s is found", (code) => {
    expect(planted("server/src/flows/a.test.ts", code)).toEqual(["server/src/flows/a.test.ts:2: tests"]);
  });

  test.each([
    "advance({ skip: true });",
    "describe.runIf(isRoot)('a', f);",
    "context.skip('no user namespaces');",
  ])("%s is none", (code) => expect(planted("server/src/flows/a.test.ts", code)).toEqual([]));
});

describe("sizes only shrink", () => {
  const path = "server/src/flows/a.ts";
  const fileOf = (lines: number): string => `// Why.\n${"f();\n".repeat(lines - 1)}`;
  const functionOf = (lines: number): string => `// Why.\nfunction a() {\n${"  f();\n".repeat(lines - 2)}}\n`;
  const ratchet = (key: string, lines: number, reason = "a table of one row each"): string =>
    JSON.stringify({ [key]: { lines, reason } }, null, 2);

  test("a file of 301 lines and a function of 71 are too long", () => {
    expect(untidy({ [path]: fileOf(300) })).toEqual([]);
    expect(untidy({ [path]: fileOf(301) })).toEqual([`${path}:1: size`]);
    expect(untidy({ [path]: functionOf(70) })).toEqual([]);
    expect(untidy({ [path]: functionOf(71) })).toEqual([`${path}:2: size`]);
  });

  test("a test may be of 600 lines, and its functions as long as it takes", () => {
    const test = "server/test/scenarios/a.test.ts";
    expect(untidy({ [test]: functionOf(599) })).toEqual([]);
    expect(untidy({ [test]: fileOf(601) })).toEqual([`${test}:1: size`]);
  });

  test("what is listed with its size and a reason may be longer, and not by a line more", () => {
    expect(untidy({ [path]: fileOf(400), [RATCHET]: ratchet(path, 400) })).toEqual([]);
    expect(untidy({ [path]: fileOf(401), [RATCHET]: ratchet(path, 400) })).toEqual([`${path}:1: size`]);
    const key = `${path}#a`;
    expect(untidy({ [path]: functionOf(90), [RATCHET]: ratchet(key, 90) })).toEqual([]);
    expect(untidy({ [path]: functionOf(91), [RATCHET]: ratchet(key, 90) })).toEqual([`${path}:2: size`]);
  });

  test("the list follows what has shrunk, become ordinary or gone, and gives reasons", () => {
    const wrong = [`${RATCHET}:2: size`];
    expect(untidy({ [path]: fileOf(390), [RATCHET]: ratchet(path, 400) })).toEqual(wrong);
    expect(untidy({ [path]: fileOf(200), [RATCHET]: ratchet(path, 400) })).toEqual(wrong);
    expect(untidy({ [RATCHET]: ratchet(path, 400) })).toEqual(wrong);
    expect(untidy({ [path]: fileOf(400), [RATCHET]: ratchet(path, 400, "") })).toEqual(wrong);
    expect(untidy({ [RATCHET]: '{ "a": 1 }' })).toEqual([`${RATCHET}:1: size`]);
  });

  test("a listed size may not be raised above what an earlier commit had", () => {
    const files = { [path]: fileOf(410), [RATCHET]: ratchet(path, 410) };
    expect(untidy(files, [ratchet(path, 400)])).toEqual([`${RATCHET}:2: size`]);
    expect(untidy(files, ["{}", ratchet(path, 420)])).toEqual([]);
  });
});

describe("documents do not lie about where things are", () => {
  const others = { "docs/b.md": "# Going live\n\n## A `code` & more\n", "server/src/base/a.ts": "// Why.\n" };
  test.each([
    "[a](missing.md)",
    "![a](missing.png)",
    "[a](../docs/missing/)",
    "[a](b.md#no-such-heading)",
    "[a](#nowhere)",
    "[a](/docs/b.md)",
    '<img src="missing.svg">',
    "[a]: missing.md",
    "[![a](missing.svg)](https://example.com)",
  ])("%s leads nowhere", (text) => {
    expect(untidy({ ...others, "docs/a.md": `# A\n${text}\n` })).toEqual(["docs/a.md:2: links"]);
  });

  test.each([
    "[a](b.md)",
    "[a](b.md#going-live)",
    "[a](b.md#a-code--more)",
    "[a](#a)",
    "[a](../docs)",
    "[a](https://example.com/missing.md)",
    "`[a](missing.md)`",
    "```\n[a](missing.md)\n```",
  ])("%s is well", (text) => {
    expect(untidy({ ...others, "docs/a.md": `# A\n${text}\n` })).toEqual([]);
  });

  test.each(["See `server/src/base/gone.ts`.", "```ts server/src/base/gone.ts\n```", "`docs/gone.md:12`"])(
    "%s names a file that is gone",
    (text) => {
      expect(untidy({ ...others, "docs/a.md": text })).toEqual(["docs/a.md:1: files"]);
      expect(untidy({ ...others, "docs/decisions/0001-a.md": text })).toEqual([]);
    },
  );

  test.each([
    "`server/src/base/a.ts`",
    "`server/src/base/a.ts:3`",
    "`server/src/**/intent*.ts`",
    "`flows/*/`",
  ])("%s is well", (text) => expect(untidy({ ...others, "docs/a.md": text })).toEqual([]));
});
