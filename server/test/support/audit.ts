/** The auditor as tests use it: after each file, the books of its database are added up (server/src/audit). */
import { auditDatabase, showViolation } from "../../src/audit/audit.ts";

/** What is wrong, one text a violated rule, with the first rows; empty where all is well. */
export async function findWrongs(databaseUrl: string): Promise<string[]> {
  return (await auditDatabase(databaseUrl)).map(showViolation);
}
