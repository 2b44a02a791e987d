import { describe, expect, test } from "vitest";
import { planted as plantedIn, takerOf, untidy } from "./tidy/plant.ts";

/** Where the rules read which tables there are, and whose. */
const SCHEMA = {
  "server/schema.sql": ["intents", "charges", "events", "charge_id_blocks", "sandbox.payments"]
    .map((table) => `create table ${table} (\n);\n`)
    .join(""),
};

const planted = (path: string, code: string): string[] => plantedIn(path, code, SCHEMA);

const FLOW = "server/src/flows/file.ts";
const STORE = "server/src/store/file.ts";
const SANDBOX = "server/src/processors/sandbox/file.ts";
const AUDIT = "server/src/audit/file.ts";

describe("SQL stands in its place", () => {
  const select = "select id from intents where account_id = 1";
  test.each([
    `sql\`${select}\`;`,
    'import sql from "sql-template-tag";',
    'import ask, { type Sql } from "sql-template-tag";',
    'import { sql as ask } from "../store/sql.ts";',
    `query("${select}");`,
    `query(\`${select} and id = \${id}\`);`,
    "query('update intents set status = 1');",
    "query('\\n insert into intents (id) values (1)');",
    `query("select id " + "from intents where id = 1");`,
    `query("select " + columns + " from intents");`,
    `query(["select id", "from intents"].join(" "));`,
    "db.query(anything);",
    "platform.db.query(parts);",
  ])("%s is found in a flow", (code) => {
    expect(planted(FLOW, code)).toEqual([`${FLOW}:2: sql-place`]);
    expect(planted("server/src/flows/file.test.ts", code)).toEqual([]);
  });

  test.each([
    ['"Select a card"; "update the page"; "select 1 from pg_database";'],
    ["request.query;"],
    ['"a" + "b";'],
  ])("%s is none", (code) => expect(planted(FLOW, code)).toEqual([]));

  test("main speaks to its own PostgreSQL before there is a database", () => {
    expect(planted("server/src/main/a.ts", 'admin.query("create database mintro");')).toEqual([]);
  });

  test.each([
    `db.query("${select}");`,
    `db.query("select id " + "from intents");`,
    'import { sql as ask } from "./sql.ts";',
    'import ask from "sql-template-tag";',
    'import * as sql from "sql-template-tag";',
    'import { raw } from "./sql.ts";',
    'import sql, { join } from "sql-template-tag";',
    "const ask = sql;",
    "sql(['select id from intents']);",
    "new Sql(['select id from intents'], []);",
  ])("%s is found in the store, where values are bound", (code) => {
    expect([...new Set(planted(STORE, code))]).toEqual([`${STORE}:2: sql-place`]);
  });

  test.each([
    'import sql, { empty, type Sql } from "sql-template-tag";',
    'import { empty, type Sql, sql } from "./sql.ts";',
    "client.query('begin');",
    "db.query(sql`select id from intents where account_id = ${a}`);",
  ])("%s is well in the store", (code) => expect(planted(STORE, code)).toEqual([]));
});

describe("each party keeps to its own tables", () => {
  const own = "select id from sandbox.payments where account_id = ${a}";
  const platform = "select id from intents where account_id = ${a}";
  const joined =
    "select p.id from sandbox.payments p join charges c on c.account_id = p.account_id where p.account_id = ${a}";
  test.each([
    [SANDBOX, platform],
    [SANDBOX, joined],
    [SANDBOX, "update public.intents set status = 'x' where account_id = ${a}"],
    [STORE, own],
    [STORE, "update sandbox.payments set status = 'x' where account_id = ${a}"],
    [STORE, joined],
    [AUDIT, "update intents set status = 'x' where account_id = ${a}"],
    [AUDIT, "delete from sandbox.payments where account_id = ${a}"],
  ])("%s may not say %s", (path, text) => {
    expect(planted(path, `sql\`${text}\`;`)).toEqual([`${path}:2: sql-tables`]);
  });

  test("a table in a fragment is one, too", () => {
    const code = "const table = sql`intents`; sql`select id from ${table} where account_id = ${a}`;";
    expect(planted(SANDBOX, code)).toEqual([`${SANDBOX}:2: sql-tables`]);
  });

  test.each([
    [SANDBOX, own],
    [STORE, platform],
    [AUDIT, joined],
  ])("%s may say %s", (path, text) => expect(planted(path, `sql\`${text}\`;`)).toEqual([]));
});

describe("SQL names the account", () => {
  test.each([
    "sql`select id from intents where id = 1`;",
    "sql`update intents i set status = 'x' where id = 1`;",
    "sql`-- account_id\n delete from intents where id = 1`;",
    "sql`with due as (select id from intents) select id from due`;",
    "sql`select account_id from intents where id = ${id}`;",
    "sql`update intents set status = 'x' where id = ${id} returning account_id`;",
    "sql`update intents set account_id = ${to} where id = ${id}`;",
    "sql`insert into intents (id, status) values (${id}, 'x')`;",
    "sql`select c.id from charges c join intents i on i.id = c.intent_id where c.account_id = ${a}`;",
    "sql`select c.id from charges c join intents i on i.account_id = c.account_id and c.account_id = i.account_id`;",
    "sql`insert into events (account_id, id) select i.account_id, i.id from intents i where i.id = ${id}`;",
    "const from = sql`from intents`; sql`select id ${from} where id = ${id}`;",
    "const columns = sql`account_id, id`; sql`select ${columns} from intents where id = ${id}`;",
    "sql`select id from intents where id = ${id} ${all ? empty : sql`and account_id = ${a}`}`;",
    "function of(a) { if (a) return sql`and account_id = ${a}`; return empty; } sql`select id from intents where id = 1 ${of(a)}`;",
  ])("%s does not", (code) => {
    expect(planted(STORE, code)).toEqual([`${STORE}:2: sql-account`]);
  });

  test.each([
    "sql`select id from intents where account_id = ${a}`;",
    "sql`select id from intents where account_id = any(${all}::uuid[])`;",
    "sql`insert into intents as i (account_id, id) values (${a}, ${id})`;",
    "sql`select c.id from charges c join intents i using (account_id, id) where c.account_id = ${a}`;",
    "sql`with last as (select id from events where account_id = ${a}) select i.id from intents i, last where i.account_id = ${a}`;",
    "const mine = sql`account_id = ${a}`; sql`select id from intents where ${mine}`;",
    "const columns = sql`account_id, id`; sql`insert into intents (${columns}) values (${a}, ${id})`;",
    "sql`-- all accounts: one scan by wall time serves them all\n select id from intents`;",
    "const all = sql`/* all accounts: at start */`; sql`select id from intents ${all}`;",
    "sql`select 1 from pg_database`;",
    "sql`update charge_id_blocks set next_id = next_id + 1 returning next_id`;",
    "sql`and status = 'x'`;",
  ])("%s does", (code) => expect(planted(STORE, code)).toEqual([]));

  test("a fragment of another file is known, too", () => {
    const columns = "server/src/store/columns.ts";
    const files = {
      ...SCHEMA,
      [columns]: "// Why.\nexport const COLUMNS = sql`account_id, id`;\n",
      [STORE]:
        '// Why.\nimport { COLUMNS as all } from "./columns.ts";\nsql`insert into intents (${all}) values (${a}, ${id})`;\n',
    };
    expect(untidy(files)).toEqual([]);
    expect(untidy({ ...files, [columns]: "// Why.\nexport const COLUMNS = sql`id`;\n" })).toEqual([
      `${STORE}:3: sql-account`,
    ]);
  });

  test("the auditor looks at all accounts at once, and names them", () => {
    expect(planted(AUDIT, "sql`select account_id, id from intents where status = 'x'`;")).toEqual([]);
    expect(planted(AUDIT, "sql`select id from intents where status = 'x'`;")).toEqual([
      `${AUDIT}:2: sql-account`,
    ]);
  });

  test("rows of several accounts are never held", () => {
    const locked = (where: string) => `sql\`select id from intents where ${where} for no key update\`;`;
    expect(planted(STORE, locked("account_id = ${a}"))).toEqual([]);
    expect(planted(STORE, locked("/* all accounts: at start */ status = 'x'"))).toEqual([
      `${STORE}:2: sql-account`,
    ]);
  });
});

describe("SQL asks for nothing that cannot be distributed, nor for the time, nor for chance", () => {
  test.each([
    "now()",
    "NOW ()",
    "current_timestamp",
    "current_date",
    "localtime",
    "clock_timestamp()",
    "age(created_at)",
    "random()",
    "gen_random_uuid()",
    "uuidv7()",
    "nextval('a')",
    "pg_advisory_xact_lock(1)",
    "pg_notify('a', 'b')",
    "'now'::timestamptz",
    "timestamptz 'today'",
    "set_config('a', 'b', false)",
  ])("%s is found in a statement and in a migration", (what) => {
    const sql = `select ${what} from intents where account_id = 1`;
    expect(planted(STORE, `sql\`${sql.replace("= 1", "= ${a}")}\`;`)).toEqual([`${STORE}:2: sql-portable`]);
    const migration = "server/migrations/0001_a.sql";
    expect(untidy({ [migration]: `-- now()\n${sql};\n` })).toEqual([`${migration}:2: sql-portable`]);
  });

  test.each([
    "select id from intents where account_id = ${a} for update",
    "select id from intents where account_id = ${a} for share",
    "select id from intents where account_id = ${a} for no key update skip locked",
    "listen due",
    "notify due",
    "set session statement_timeout to 5",
    "lock table intents",
    "create temp table a (id bigint)",
    "select * from intents where account_id = ${a}",
    "select i.* from intents i where i.account_id = ${a}",
    "SELECT id FROM intents WHERE account_id = ${a}",
  ])("%s is found in a statement", (text) => {
    expect([...new Set(planted(STORE, `sql\`${text}\`;`))]).toEqual([`${STORE}:2: sql-portable`]);
  });

  test.each([
    "select count(*) from intents where account_id = ${a} and amount * 2 > 1",
    "select set_config('lock_timeout', ${ms}, true)",
    "update intents set status = 'now' where account_id = ${a}",
  ])("%s is well", (text) => expect(planted(STORE, `sql\`${text}\`;`)).toEqual([]));

  test.each([
    "create table a (id bigserial);",
    "create table a (id bigint generated always as identity);",
    "create table a (at timestamptz default now());",
    "create sequence a;",
    "create trigger a after insert on b execute function c();",
    "create or replace function a() returns void language sql as 'select 1';",
    "create type a as enum ('b');",
    "create type a as (b text);",
    "alter table a add foreign key (b) references c deferrable initially deferred;",
  ])("a migration without: %s", (sql) => {
    expect(untidy({ "server/migrations/0001_a.sql": sql })).toEqual([
      "server/migrations/0001_a.sql:1: sql-portable",
    ]);
  });
});

describe("flows write, the api does not", () => {
  const store = {
    ...SCHEMA,
    "server/src/store/intents.ts": [
      "// Why.",
      "export const find = (db, a) => db.query(sql`select id from intents where account_id = ${a}`);",
      "export async function expire(tx, a) { await tx.query(sql`update intents set status = 'x' where account_id = ${a}`); }",
      "export function log(tx, a) { return tx.query(sql`with l as (insert into events (account_id) values (${a})) select 1`); }",
      "export const sweep = (tx, a) => expire(tx, a);",
      "",
    ].join("\n"),
    "server/src/store/charges.ts": [
      "// Why.",
      'import { sweep as tidyUp } from "./intents.ts";',
      "export function settle(tx, a) { return tidyUp(tx, a); }",
      "",
    ].join("\n"),
    ...takerOf("server/src/store/intents.ts"),
    ...takerOf("server/src/store/charges.ts"),
    // What only tests took would be found as well.
    "server/src/flows/all.ts":
      '// Why.\nimport * as intents from "../store/intents.ts";\nimport * as charges from "../store/charges.ts";\n',
  };
  const api = (code: string): string[] => plantedIn("server/src/api/file.ts", code, store);

  test.each([
    'import { expire } from "../store/intents.ts";',
    'import { find, expire as end } from "../store/intents.ts";',
    'import { log } from "../store/intents.ts";',
    'import { sweep } from "../store/intents.ts";',
    'import { settle } from "../store/charges.ts";',
    'import * as intents from "../store/intents.ts";',
    'const { expire } = await import("../store/intents.ts");',
  ])("%s is found", (code) => expect(api(code)).toEqual(["server/src/api/file.ts:2: api-writes"]));

  test.each([
    'import { find } from "../store/intents.ts";',
    'import type { expire } from "../store/intents.ts";',
  ])("%s is well", (code) => expect(api(code)).toEqual([]));

  test.each(["api/file.ts", "worker/file.ts", "store/file.ts", "main/file.ts"])(
    "only flows open a transaction, and not %s",
    (file) => {
      const path = `server/src/${file}`;
      expect(planted(path, "db.transaction(work);")).toEqual([`${path}:2: transactions`]);
      expect(planted(FLOW, "db.transaction(work);")).toEqual([]);
    },
  );
});
