/**
 * Orders and the events that were seen, in SQLite. It comes with Node, survives a restart, and has what a webhook needs
 * of any store: a primary key that takes an event once, and a transaction that holds the event and its effect together.
 */
import { DatabaseSync } from "node:sqlite";
import type { Line } from "./products.ts";

export type Order = {
  /** Ours; Mintro knows it as `reference_id`. Nobody can guess it, so it also opens the order's page. */
  readonly id: string;
  readonly intentId: string;
  /** Where it can be paid, as long as it is open. */
  readonly paymentUrl: string;
  readonly lines: readonly Line[];
  readonly deliveredAt: string | null;
};

export type Orders = ReturnType<typeof openOrders>;

/** `path`: a file, or `:memory:`. */
export function openOrders(path: string) {
  const db = new DatabaseSync(path);
  db.exec(`
    create table if not exists orders (
      id text primary key,
      intent_id text not null unique,
      payment_url text not null,
      lines text not null,
      delivered_at text
    ) strict;
    create table if not exists events (id text primary key) strict`);
  const add = db.prepare(
    "insert or ignore into orders (id, intent_id, payment_url, lines) values (?, ?, ?, ?)",
  );
  const find = db.prepare("select * from orders where id = ?");
  const deliver = db.prepare("update orders set delivered_at = ? where intent_id = ? returning id");
  const addEvent = db.prepare("insert or ignore into events (id) values (?)");

  return {
    /** Again for the same order: nothing. */
    add({ id, intentId, paymentUrl, lines }: Omit<Order, "deliveredAt">): void {
      add.run(id, intentId, paymentUrl, JSON.stringify(lines));
    },
    find(id: string): Order | undefined {
      const row = find.get(id);
      if (!row) return undefined;
      return {
        id,
        intentId: String(row["intent_id"]),
        paymentUrl: String(row["payment_url"]),
        lines: JSON.parse(String(row["lines"])),
        deliveredAt: row["delivered_at"] === null ? null : String(row["delivered_at"]),
      };
    },
    /** @returns the order's id, or undefined where the payment is for no order of ours */
    deliver(intentId: string): string | undefined {
      const row = deliver.get(new Date().toISOString(), intentId);
      return row && String(row["id"]);
    },
    /** Remembers the event and does its work, both or neither. An event that is known does nothing. */
    once(eventId: string, work: () => void): void {
      db.exec("begin immediate");
      try {
        if (addEvent.run(eventId).changes === 1) work();
        db.exec("commit");
      } catch (error) {
        db.exec("rollback");
        throw error;
      }
    },
  };
}
