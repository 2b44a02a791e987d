import type { Catalog } from "./catalog.ts";

/** Small tables that every node would hold whole: what is found without an account, and what belongs to none. */
export const UNDISTRIBUTED: ReadonlySet<string> = new Set([
  "accounts",
  "clients",
  "charge_id_blocks",
  "schema_migrations",
]);

/**
 * account_id stands first in every key, so that the schema can be distributed by account with no statement changed
 * (ARCHITECTURE.md, account_id everywhere). Answers one sentence for each place where it does not.
 */
export function accountNotFirst(catalog: Catalog): string[] {
  const wrong: string[] = [];
  for (const { relation, kind } of catalog.relations) {
    if (kind !== "table" || UNDISTRIBUTED.has(relation)) continue;
    const named = catalog.columns.some(
      (column) => column.relation === relation && column.name === "account_id",
    );
    if (!named) wrong.push(`${relation} has no account_id`);
    for (const constraint of catalog.constraints)
      if (
        constraint.relation === relation &&
        constraint.kind !== "c" &&
        constraint.first_column !== "account_id"
      )
        wrong.push(`${constraint.name} of ${relation} does not begin with account_id`);
    for (const index of catalog.indexes)
      if (index.relation === relation && index.is_unique && index.first_column !== "account_id")
        wrong.push(`${index.definition} does not begin with account_id`);
  }
  return wrong;
}
