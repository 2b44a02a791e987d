import { describe, expect, test } from "vitest";
import { RATCHET } from "./tidy/sizes.ts";
import { treeOf } from "./tidy/source.ts";
import { findUntidy, formatFinding } from "./tidy.ts";

/** Where and by which rule something was found, as `path:line: rule`; the advice is for people. */
function untidy(files: Record<string, string>, earlier: readonly string[] = []): string[] {
  const findings = findUntidy(treeOf(new Map(Object.entries(files))), earlier);
  return findings.map((finding) => formatFinding(finding).split(": ").slice(0, 2).join(": "));
}

/** One file whose first line is the reason for it, so that what is planted stands on line 2. */
function planted(path: string, code: string): string[] {
  return untidy({ [path]: `// Why.\n${code}\n` });
}

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
    expect(planted(path, `export { a } from "../${other}.ts";`)).toEqual([`${path}:2: rungs`]);
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
  ])("%s is found", (code) => {
    expect(planted(path, code)).toEqual([`${path}:2: world`]);
    expect(planted("server/src/flows/file.test.ts", code)).toEqual([]);
    expect(planted("tools/file.ts", code)).toEqual([]);
  });

  test.each(["new Date(5);", "Date.parse(a);", "world.now();", "// Date.now()", "'Math.random()';"])(
    "%s is none",
    (code) => expect(planted(path, code)).toEqual([]),
  );

  test("world.ts reads the clock, and the worker may wait but not read it", () => {
    expect(planted("server/src/base/world.ts", "Date.now();")).toEqual([]);
    expect(planted("server/src/worker/loop.ts", "setTimeout(f, 1);")).toEqual([]);
    expect(planted("server/src/worker/loop.ts", "Date.now();")).toEqual([
      "server/src/worker/loop.ts:2: world",
    ]);
  });
});

describe("SQL stands in its place", () => {
  const path = "server/src/flows/file.ts";
  const select = "select id from intents where account_id = 1";
  test.each([
    `sql\`${select}\`;`,
    'import sql from "sql-template-tag";',
    `query("${select}");`,
    `query(\`${select} and id = \${id}\`);`,
    "query('update intents set status = 1');",
    "query('\\n insert into intents (id) values (1)');",
  ])("%s is found in a flow", (code) => {
    expect(planted(path, code)).toEqual([`${path}:2: sql-place`]);
    expect(planted("server/src/store/file.ts", code)).toEqual([]);
    expect(planted("server/src/processors/sandbox/file.ts", code)).toEqual([]);
    expect(planted("server/src/flows/file.test.ts", code)).toEqual([]);
  });

  test("a sentence that begins with a verb of SQL is none", () => {
    expect(planted(path, '"Select a card"; "update the page"; "select 1 from pg_database";')).toEqual([]);
  });
});

describe("SQL names the account and asks for nothing that cannot be distributed", () => {
  const path = "server/src/store/file.ts";
  test.each([
    "sql`select id from intents where id = 1`;",
    "sql`update intents i set status = 'x' where id = 1`;",
    "sql`-- account_id\n delete from intents where id = 1`;",
    "sql`with due as (select id from intents) select * from due`;",
  ])("%s names no account", (code) => {
    expect(planted(path, code)).toEqual([`${path}:2: sql-account`]);
  });

  test.each([
    "sql`select id from intents where account_id = 1`;",
    "sql`-- all accounts: one scan by wall time serves them all\n select id from intents`;",
    "sql`select 1 from pg_database`;",
    "sql`update charge_id_blocks set next_id = next_id + 1 returning next_id`;",
    "sql`and status = 'x'`;",
  ])("%s is well", (code) => expect(planted(path, code)).toEqual([]));

  test.each([
    "now()",
    "current_timestamp",
    "random()",
    "gen_random_uuid()",
    "nextval('a')",
    "pg_advisory_xact_lock(1)",
  ])("%s is found in a statement and in a migration", (what) => {
    const sql = `select ${what} from intents where account_id = 1`;
    expect(planted(path, `sql\`${sql}\`;`)).toEqual([`${path}:2: sql-portable`]);
    const migration = "server/migrations/0001_a.sql";
    expect(untidy({ [migration]: `-- now()\n${sql};\n` })).toEqual([`${migration}:2: sql-portable`]);
  });

  test.each([
    "create table a (id bigserial);",
    "create table a (id bigint generated always as identity);",
    "create trigger a after insert on b execute function c();",
    "create type a as enum ('b');",
    "alter table a add foreign key (b) references c deferrable initially deferred;",
  ])("a migration without: %s", (sql) => {
    expect(untidy({ "server/migrations/0001_a.sql": sql })).toEqual([
      "server/migrations/0001_a.sql:1: sql-portable",
    ]);
  });
});

describe("files look alike", () => {
  test("a file begins with the reason for it", () => {
    expect(untidy({ "cli/src/a.ts": 'import a from "b";\nexport const c = a;\n' })).toEqual([
      "cli/src/a.ts:2: opening",
    ]);
    expect(untidy({ "cli/src/a.ts": "/** Why. */\nexport const c = 1;\n" })).toEqual([]);
  });

  test.each(["export default 1;", "export { a as default };", 'export * from "./b.ts";'])(
    "%s is found",
    (code) => expect(planted("cli/src/a.ts", code)).toEqual(["cli/src/a.ts:2: exports"]),
  );

  test("a configuration file has the default export that its tool wants", () => {
    expect(planted("vitest.config.ts", "export default {};")).toEqual([]);
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
  const functionOf = (lines: number): string =>
    `// Why.\nexport function a() {\n${"  f();\n".repeat(lines - 2)}}\n`;
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
