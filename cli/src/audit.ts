/** `mintro audit`: adds up the books and says which invariant does not hold, with ids (docs/operate/invariants.md). */
import { audit, auditDatabase, RULES, showViolation, type Violation } from "@mintro/server/audit/audit";
import { borrowDatabase } from "@mintro/server/main/borrow-database";
import { CannotStart, systemErrorCode } from "@mintro/server/main/cannot-start";
import { readDatabaseConfig } from "@mintro/server/main/config";
import { databaseRefusal } from "@mintro/server/main/refusals";
import { Command } from "commander";

/** Sets exit code 1 where something is wrong. */
export function auditCommand(): Command {
  return new Command("audit")
    .description("check every invariant of the books; changes nothing, and may run beside the platform")
    .option("--json", 'print {"rules", "violations": [{"rule", "sentence", "rows", "more"}]}')
    .action(async ({ json }: { json?: true }) => {
      const violations = await auditBooks();
      const wrong = violations.map(({ rule }) => rule).join(", ");
      if (json) print(JSON.stringify({ rules: RULES.length, violations }));
      else if (violations.length === 0) print(`All ${RULES.length} invariants hold.`);
      else print([...violations.map(showViolation), "", `Violated: ${wrong}`].join("\n"));
      if (violations.length > 0) process.exitCode = 1;
    });
}

/** A database that was named is left as it is; the embedded one is started for the moment where it does not run. */
async function auditBooks(): Promise<Violation[]> {
  const { databaseUrl } = readDatabaseConfig(process.env);
  if (databaseUrl === null) return await borrowDatabase({ env: process.env }, (db) => audit(db));
  try {
    return await auditDatabase(databaseUrl);
  } catch (error) {
    if (isAnotherSchema(error))
      throw new CannotStart(
        "DATABASE_URL: its tables are not those of this version of Mintro: start this version on it once, or audit it with its own.",
        { cause: error },
      );
    throw databaseRefusal(error, { url: databaseUrl, isOurs: false });
  }
}

/** SQLSTATE undefined_table, undefined_column, invalid_schema_name. */
function isAnotherSchema(error: unknown): boolean {
  return ["42P01", "42703", "3F000"].includes(systemErrorCode(error) ?? "");
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
