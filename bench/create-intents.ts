/**
 * How fast are intents created over HTTP, against writing the same rows to the same PostgreSQL one at a time?
 *
 * Bare SQL row by row is what a request needs in the tables (key, client look-up, customer, intent) as four statements in
 * a transaction each, over as many connections as the platform has, by the same `pg`, with no HTTP, no JSON and no
 * validation around it. The platform does all of that too, and wins it back by letting requests that arrive together share
 * a transaction. For scale, one lone `insert` a row as well: the least that any server could do. All three run in turn, five
 * rounds, in one process beside one durable PostgreSQL; the figures are median ratios. Run: node bench/create-intents.ts
 */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { Pool as HttpPool } from "undici";
import { startEmbeddedPostgres } from "../server/src/main/embedded-postgres.ts";
import { startBenchPlatform } from "./platform.ts";

const ROUNDS = 5;
const REQUESTS = 4_000;
const IN_FLIGHT = 64;
/** Mintro over HTTP must be at least this many times as fast as bare SQL row by row. */
const LIMIT = 1;

const folder = await mkdtemp(join(tmpdir(), "mintro-bench-"));
const postgres = await startEmbeddedPostgres({ dataDir: folder });
const { running, client } = await startBenchPlatform(postgres.url);

/** `total` calls, `IN_FLIGHT` at a time; calls a second. */
async function rate(total: number, call: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (next < total) await call(next++);
    }),
  );
  return (total / (performance.now() - startedAt)) * 1_000;
}

const http = new HttpPool(`http://127.0.0.1:${running.port}`, { connections: IN_FLIGHT });
async function overHttp(): Promise<void> {
  const { statusCode, body } = await http.request({
    method: "POST",
    path: "/api/platform/intents",
    headers: {
      "content-type": "application/json",
      "x-client-id": client.clientId,
      "x-client-secret": client.clientSecret,
      "idempotency-key": randomUUID(),
    },
    body: JSON.stringify({
      amount: 80,
      currency: "USD",
      intent_type: "one_time",
      email: `${randomUUID()}@example.com`,
      name: "John Doe",
      reference_id: randomUUID(),
      integration_type: "iframe",
      order_items: [{ name: "Product 1", quantity: 1, price: 50 }],
    }),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(text);
}

const pool = new pg.Pool({ connectionString: postgres.url, max: 16 });
const RAW = `insert into intents (account_id, intent_id, pay_secret, customer_id, reference_id, email, name, integration_type,
  type, currency, amount, tax, discount, order_items, metadata, status, created_at, expires_at)
  values ($1, $2, $3, $4, $5, $6, 'John Doe', 'iframe', 'one_time', 'USD', 8000, 0, 0,
  '[{"name":"Product 1","quantity":1,"price":"50.00"}]', '{}', 'requires_payment', now(), now() + interval '1 day')`;
const bareAccount = randomUUID();
const rawRow = (email: string) => [
  bareAccount,
  randomUUID(),
  randomBytes(16),
  randomUUID(),
  randomUUID(),
  email,
];
async function loneInsert(): Promise<void> {
  await pool.query(RAW, rawRow(`${randomUUID()}@example.com`));
}
async function rowByRow(): Promise<void> {
  const email = `${randomUUID()}@example.com`;
  const connection = await pool.connect();
  try {
    await connection.query("begin");
    await connection.query("select secret_sha256 from clients where client_id = $1", [client.clientId]);
    await connection.query(
      "insert into idempotency_keys (account_id, key, fingerprint, answer, created_at) values ($1, $2, $3, '{}', now())",
      [bareAccount, randomUUID(), randomBytes(32)],
    );
    await connection.query(
      "insert into customers (account_id, customer_id, identity, email, name, created_at) values ($1, $2, 'email:' || $3, $3, 'John Doe', now())",
      [bareAccount, randomUUID(), email],
    );
    await connection.query(RAW, rawRow(email));
    await connection.query("commit");
  } finally {
    connection.release();
  }
}

await rate(500, overHttp);
await rate(500, rowByRow);
const ratios: number[] = [];
for (let round = 1; round <= ROUNDS; round++) {
  const ours = await rate(REQUESTS, overHttp);
  const bare = await rate(REQUESTS, rowByRow);
  const lone = await rate(REQUESTS, loneInsert);
  ratios.push(ours / bare);
  console.log(
    `round ${round}: over HTTP ${ours.toFixed(0)}/s, bare SQL row by row ${bare.toFixed(0)}/s, ratio ${(ours / bare).toFixed(2)}; lone insert ${lone.toFixed(0)}/s, ratio ${(ours / lone).toFixed(2)}`,
  );
}
const median = ratios.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
console.log(
  `median ratio ${median.toFixed(2)} (limit ${LIMIT}); memory ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`,
);
await http.close();
await pool.end();
await running.stop();
await postgres.stop();
await rm(folder, { recursive: true, force: true });
process.exitCode = median >= LIMIT ? 0 : 1;
