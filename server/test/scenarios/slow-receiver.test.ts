/** Receivers that hang on every try, and backlogs: whoever takes webhooks quickly gets them all the same. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WORKER } from "../../src/base/limits.ts";
import { sql } from "../../src/store/sql.ts";
import { newMerchant } from "../support/merchants.ts";
import { eventually, type Merchant, startPlatform, type TestPlatform } from "../support/platform.ts";
import { openSink, type Sink } from "../support/sink.ts";

/** Takes every request and answers none, until it is told to. */
type Hanging = {
  readonly url: string;
  /** Tries that wait for their answer. */
  waiting(): number;
  letGo(): void;
  close(): Promise<void>;
};

async function openHanging(): Promise<Hanging> {
  const held: ServerResponse[] = [];
  let isHanging = true;
  const server = createServer((request, response) => {
    request.resume();
    if (isHanging) held.push(response);
    else response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const letGo = () => {
    isHanging = false;
    for (const response of held.splice(0)) response.end();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    waiting: () => held.filter(({ destroyed }) => !destroyed).length,
    letGo,
    close: () =>
      new Promise((resolve) => {
        letGo();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const closes: (() => Promise<void>)[] = [];
let platform: TestPlatform;
let dead: Hanging;
beforeAll(async () => {
  platform = await startPlatform();
  dead = await openHanging();
  closes.push(() => dead.close());
});
// Before the platform is stopped and audited: what was held is answered, and the books are in order.
afterAll(async () => {
  for (const close of closes.splice(0)) await close();
});

async function endpoint(merchant: Merchant, url: string): Promise<string> {
  const reply = await merchant.post("/webhook-endpoints", { url });
  expect(reply.status, reply.text).toBe(200);
  return reply.body.data.endpoint_id;
}

async function merchantWith(sink: Pick<Sink, "url">): Promise<Merchant> {
  const merchant = await newMerchant(platform);
  await endpoint(merchant, sink.url);
  return merchant;
}

async function newSink(): Promise<Sink> {
  const sink = await openSink();
  closes.push(() => sink.close());
  return sink;
}

/** So many events, of an intent each. */
async function happen(merchant: Merchant, count: number): Promise<string[]> {
  const created = await Promise.all(Array.from({ length: count }, () => merchant.createIntent()));
  const ids = created.map(({ intent_id }) => intent_id);
  const replies = await Promise.all(ids.map((id) => merchant.post(`/intents/${id}/cancel`)));
  for (const reply of replies) expect(reply.status, reply.text).toBe(200);
  return ids;
}

async function due(): Promise<number> {
  const [row] = await platform.running.platform.db.query<{ count: bigint }>(sql`
    select count(*) from deliveries where status = 'pending' and tries = 0`);
  return Number(row?.count);
}

it("an account whose endpoints all hang, with a thousand deliveries due, delays nobody else's", async () => {
  const slow = await newMerchant(platform);
  for (let n = 0; n < 12; n++) await endpoint(slow, dead.url);
  await happen(slow, 90);
  // It takes what it may have; then nothing of it comes to an end any more.
  await eventually(() => dead.waiting() > WORKER.deliveriesPerEndpoint * 5);
  expect(await due()).toBeGreaterThan(1_000 - WORKER.deliveries);

  const sinks = await Promise.all(Array.from({ length: 3 }, newSink));
  const others = await Promise.all(sinks.map(merchantWith));
  await Promise.all(
    others.map(async (other, index) => {
      const ids = await happen(other, 40);
      await eventually(() => ids.every((id) => sinks[index]?.typesFor(id).includes("payment.canceled")));
    }),
  );
  // The account's own sound endpoint too has its share.
  const own = await newSink();
  await endpoint(slow, own.url);
  const [id = ""] = await happen(slow, 1);
  await eventually(() => own.typesFor(id).includes("payment.canceled"));
  expect(dead.waiting()).toBeLessThan(WORKER.deliveries * 0.7);
});

it("endpoints that have failed share a part of the places, however many they are", async () => {
  const isFailing = async () => {
    const rows = await platform.running.platform.db.query(sql`
      select 1 from webhook_endpoints where failing_since is not null`);
    return rows.length;
  };
  // As after their first round: they answered nothing in time.
  await platform.running.platform.db.query(sql`
    update webhook_endpoints set failing_since = created_at where url = ${dead.url}`);
  expect(await isFailing()).toBe(12);
  const sink = await newSink();
  const other = await merchantWith(sink);
  const ids = await happen(other, 40);
  await eventually(() => ids.every((id) => sink.typesFor(id).includes("payment.canceled")));

  dead.letGo();
  await eventually(async () => (await due()) === 0, 30_000);
  await eventually(async () => (await isFailing()) === 0);
});

it("an account's backlog, longer than one look finds, hides nobody's delivery behind it", async () => {
  const hanging = await openHanging();
  closes.push(() => hanging.close());
  const busy = await merchantWith(hanging);
  await happen(busy, WORKER.scanRows + 2 * WORKER.deliveriesPerEndpoint);
  await eventually(() => hanging.waiting() === WORKER.deliveriesPerEndpoint);

  const sink = await newSink();
  const other = await merchantWith(sink);
  const ids = await happen(other, 5);
  await eventually(() => ids.every((id) => sink.typesFor(id).includes("payment.canceled")));
  expect(hanging.waiting()).toBeLessThanOrEqual(WORKER.deliveriesPerEndpoint);
  hanging.letGo();
  await eventually(async () => (await due()) === 0, 30_000);
});

it("failing endpoints that have all the places they may have, and more due than one look finds, hide nobody's", async () => {
  const failing = await openHanging();
  closes.push(() => failing.close());
  const slow = await newMerchant(platform);
  for (let n = 0; n < 16; n++) await endpoint(slow, failing.url);
  await platform.running.platform.db.query(sql`
    update webhook_endpoints set failing_since = created_at where url = ${failing.url}`);
  await happen(slow, 60);
  await eventually(() => failing.waiting() >= WORKER.deliveries / 2);

  const sink = await newSink();
  const [id = ""] = await happen(await merchantWith(sink), 1);
  await eventually(() => sink.typesFor(id).includes("payment.canceled"));
  failing.letGo();
  await eventually(async () => (await due()) === 0, 30_000);
});
