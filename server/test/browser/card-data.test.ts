/** The search that other tests rely on to find nothing does find something. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "../support/database.ts";
import { CARDS } from "../support/platform.ts";
import { CODE, findCardData } from "./card-data.ts";

test("a card number or a code is found in any column, however it is written, and in what was logged", async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    expect(await findCardData(database.url, { logged: [`"ms":${CODE}`, `"id":"a-${CODE}0"`] })).toEqual([]);
    const account = (name: string) =>
      client.query(
        "insert into accounts (account_id, merchant_id, mode, name, created_at) values ($1, $1, 'test', $2, now())",
        [randomUUID(), name],
      );
    await account("paid with 4242 4242 4242 4242");
    await account(`code ${CODE}`);
    await client.query(
      "insert into idempotency_keys (account_id, key, fingerprint, created_at) values ($1, $2, $3, now())",
      [randomUUID(), "key", Buffer.from(CARDS.visa.padStart(32, "x"))],
    );
    const logged = [`{"cvc":"${CODE}"}`, `{"number":"${CARDS.amex}"}`];
    const found = await findCardData(database.url, { logged });
    expect(found.map((line) => line.split(":", 1).join()).sort()).toEqual([
      "logged",
      "logged",
      "public.accounts.name",
      "public.accounts.name",
      "public.idempotency_keys.fingerprint",
    ]);
  } finally {
    await client.end();
    await database.drop();
  }
});
