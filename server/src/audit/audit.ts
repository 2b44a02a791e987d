/**
 * The auditor: adds up the books. It reads the database alone, shares no code with the flows, and takes the sandbox's
 * tables as the other party's word. `mintro audit` runs it against any database; every test file and every simulated day
 * ends with it. The invariants are explained in docs/operate/invariants.md.
 */
import pg from "pg";
import sql, { type Sql } from "sql-template-tag";
import { MONEY } from "./money.ts";
import { REFERENCES } from "./references.ts";
import type { Rule } from "./rule.ts";
import { STATES } from "./states.ts";
import { DELIVERIES, EVENTS } from "./telling.ts";

export const RULES: readonly Rule[] = [...MONEY, ...STATES, ...EVENTS, ...DELIVERIES, ...REFERENCES];

/** What a rule found: the first rows, each with the ids that lead to it. */
export type Violation = {
  readonly rule: string;
  readonly sentence: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** There are further rows. */
  readonly more: boolean;
};

const ROWS_SHOWN = 20;

/** A database handle of the platform's is one. */
type Queryable = { query<Row>(statement: Sql): Promise<Row[]> };

/** Everything that is wrong; empty where all rules hold. Each rule is one statement, so it may run while the platform does. */
export async function audit(db: Queryable): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const { name, sentence, finds } of RULES) {
    const found = await db.query<{ row: string }>(
      sql`select to_jsonb(found)::text as row from (${finds}) found limit ${ROWS_SHOWN + 1}`,
    );
    if (found.length === 0) continue;
    const rows = found.slice(0, ROWS_SHOWN).map(({ row }) => JSON.parse(row) as Record<string, unknown>);
    violations.push({ rule: name, sentence, rows, more: found.length > ROWS_SHOWN });
  }
  return violations;
}

/** The same on a connection of its own, as of one moment. Throws where the database cannot be reached or is not Mintro's. */
export async function auditDatabase(url: string): Promise<Violation[]> {
  const client = new pg.Client({ connectionString: url, application_name: "mintro-audit" });
  await client.connect();
  try {
    await client.query("begin transaction isolation level repeatable read read only");
    return await audit({
      query: async <Row>(statement: Sql) => (await client.query(statement)).rows as Row[],
    });
  } finally {
    await client.end();
  }
}

/** One line a violation, with its first rows. */
export function showViolation({ rule, sentence, rows, more }: Violation): string {
  const lines = rows.map((row) => `  ${JSON.stringify(row)}`);
  return [`${rule}: ${sentence}`, ...lines, ...(more ? ["  … and more"] : [])].join("\n");
}
