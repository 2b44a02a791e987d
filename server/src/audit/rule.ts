/**
 * An invariant of the books: a sentence that is always true, and the query that finds the rows where it is not. Rules are
 * written from the contract, not from the flows; they share no code with them, and read the sandbox's own tables as the other
 * party's word. Each is one statement, so that on a database at work it sees one moment. What is in flight is left out by
 * the rule itself: an open charge may have moved money that nobody knows of yet.
 */
import type { Sql } from "sql-template-tag";

export type Rule = {
  /** As in docs/operate/invariants.md. */
  readonly name: string;
  readonly sentence: string;
  /** A select whose every row is wrong; it begins with account_id and names the ids that help to find it. */
  readonly finds: Sql;
};
