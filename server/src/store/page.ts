/** One page of a list, newest first: the rows after the last one shown, so that rows added meanwhile shift nothing. */
import type { Instant } from "../base/instant.ts";
import { ts } from "./database.ts";
import { empty, type Sql, sql } from "./sql.ts";

export type Page<Id extends string> = {
  /** The last row shown; null for the first page. */
  readonly after: { readonly at: Instant; readonly id: Id } | null;
  readonly most: number;
};

/** The end of a list's statement, behind at least one condition: `at` and `id` are the columns that it is ordered by. */
export function onPage<Id extends string>({ after, most }: Page<Id>, at: Sql, id: Sql): Sql {
  const behind = after ? sql`and (${at}, ${id}) < (${ts(after.at)}, ${after.id})` : empty;
  return sql`${behind} order by ${at} desc, ${id} desc limit ${most}`;
}
