/** Whether the database answers and has been migrated. */
import type { Queryable } from "./database.ts";
import { sql } from "./sql.ts";

export async function isReady(db: Queryable): Promise<boolean> {
  const rows = await db.query(sql`select 1 from schema_migrations limit 1`);
  return rows.length === 1;
}
