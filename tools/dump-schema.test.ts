import { expect, test } from "vitest";
import { firstDifference } from "./dump-schema.ts";
import { accountNotFirst } from "./schema/account-first.ts";
import type { Catalog, Column, Constraint, Relation } from "./schema/catalog.ts";
import { renderSchema } from "./schema/render.ts";

function table(relation: string, comment: string | null = null): Relation {
  const plain = { unlogged: false, options: null, partitioned_by: null, partition_of: null, query: null };
  return { relation, kind: "table", comment, ...plain };
}

function column(relation: string, name: string, facets: Partial<Column> = {}): Column {
  const plain = { not_null: false, expression: null, generated: "", identity: "", collation: null } as const;
  return { relation, name, type: "uuid", comment: null, ...plain, ...facets };
}

function key(relation: string, first: string): Constraint {
  const definition = `PRIMARY KEY (${first})`;
  return { relation, name: `${relation}_pkey`, kind: "p", definition, first_column: first, comment: null };
}

const EMPTY: Catalog = { schemas: [], relations: [], columns: [], constraints: [], indexes: [], others: [] };

const INTENTS: Catalog = {
  ...EMPTY,
  relations: [table("intents", "What is to be paid.")],
  columns: [
    column("intents", "account_id", { not_null: true }),
    column("intents", "note", { type: "text", expression: "'Do It'::TEXT", comment: "Two\nlines." }),
  ],
  constraints: [key("intents", "account_id")],
  indexes: [
    {
      relation: "intents",
      definition: "CREATE INDEX intents_note ON public.intents USING btree (note)",
      is_unique: false,
      first_column: "note",
      comment: null,
    },
  ],
};

test("a table is written with all that belongs to it, key words in lower case and quoted text as it is", () => {
  expect(renderSchema(INTENTS).split("\n").slice(3).join("\n")).toBe(
    `-- What is to be paid.
create table intents (
  account_id  uuid  not null,
  -- Two
  -- lines.
  note        text default 'Do It'::text,
  constraint intents_pkey primary key (account_id)
);
create index intents_note on intents (note);
`,
  );
});

test("a difference is told by its first line and by both sides", () => {
  expect(firstDifference("a\nb\n", "a\nb\n")).toBeUndefined();
  expect(firstDifference("a\nb\n", "a\nc\n")).toContain("server/schema.sql:2: schema: `b` stands where");
  expect(firstDifference("a\nb", "a")).toContain("server/schema.sql:2: schema: `b` stands where");
  expect(firstDifference("a", "a\nb")).toContain("the end stands where the migrations give `b`");
});

test("a table without account_id, and a key that does not begin with it, are found", () => {
  expect(accountNotFirst(INTENTS)).toEqual([]);
  expect(accountNotFirst({ ...INTENTS, constraints: [key("intents", "note")] })).toEqual([
    "intents_pkey of intents does not begin with account_id",
  ]);
  expect(accountNotFirst({ ...EMPTY, relations: [table("intents")] })).toEqual(["intents has no account_id"]);
  expect(accountNotFirst({ ...EMPTY, relations: [table("charge_id_blocks")] })).toEqual([]);
});
