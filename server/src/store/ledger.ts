/** The ledger: two lines a posting, one on each book. */
import type { Posting } from "../domain/ledger.ts";
import { type Tx, ts } from "./database.ts";
import { sql } from "./sql.ts";

export async function insertPosting(tx: Tx, posting: Posting): Promise<void> {
  await tx.query(sql`
    insert into ledger_entries (account_id, charge_id, kind, source_id, book, currency, amount, created_at)
    select ${posting.accountId}::uuid, ${posting.chargeId}::bigint, ${posting.kind}, ${posting.sourceId}::uuid, line.book,
           ${posting.currency}, line.amount, ${ts(posting.at)}::timestamptz
      from (values ('processor', ${posting.amount}::bigint), ('merchant', ${-posting.amount}::bigint)) as line (book, amount)`);
}
