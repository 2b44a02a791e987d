/** Two whole platforms on one database, as when an operator runs two: whatever is due is done once. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../src/base/log.ts";
import type { WebhookSecret } from "../../src/domain/webhook-signature.ts";
import { type Running, run } from "../../src/main/wire.ts";
import { sql } from "../../src/store/sql.ts";
import { createFaultyLink } from "../support/faulty-link.ts";
import {
  CARDS,
  eventually,
  type Json,
  type Merchant,
  merchantOf,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";

const links = [createFaultyLink(), createFaultyLink()] as const;
let platform: TestPlatform;
let other: Running;
let merchantThere: Merchant;

beforeAll(async () => {
  const secretKey = randomBytes(32);
  platform = await startPlatform({ secretKey, sandboxLink: links[0] });
  const { merchant, sink, databaseUrl } = platform;
  other = await run({
    databaseUrl,
    log: createLog("silent"),
    port: 0,
    host: "127.0.0.1",
    publicUrl: null,
    secretKey,
    client: merchant,
    webhook: { url: sink.url, secret: sink.secret as WebhookSecret },
    allowPrivateWebhooks: true,
    allowedOrigins: null,
    rateLimit: 0,
    trustedProxies: [],
    sandboxLink: links[1],
  });
  merchantThere = merchantOf(other.publicUrl, merchant);
});
afterAll(() => other.stop());

describe("two workers on one database", () => {
  it("renew each due subscription once, for four cycles in a row", async () => {
    const made = await subscribeMany(40);
    const before = links.map(chargesSent);
    for (const cycle of [1, 2, 3, 4]) {
      await fallDue(made, cycle);
      await eventually(() => made.every(({ intentId }) => renewals(intentId) === cycle));
      for (const { intentId } of made) {
        const { charges } = await platform.merchant.intent(intentId);
        expect(charges.map((charge: Json) => charge.cycle)).toEqual(
          Array.from({ length: cycle + 1 }, (_, n) => cycle - n),
        );
      }
    }
    const sent = links.map((link, index) => chargesSent(link) - (before[index] ?? 0));
    expect(sent.reduce((sum, each) => sum + each, 0)).toBe(4 * made.length);
    expect(Math.min(...sent), "both took part").toBeGreaterThan(0);
    await cancelAll(made);
  });

  it("look a lost answer up once at a time, and charge once", async () => {
    const created = await Promise.all(Array.from({ length: 20 }, () => platform.merchant.createIntent()));
    for (const _ of created) links[0].nextCharge("timeout_after");
    await Promise.all(created.map((one) => pay(one.payment_url)));
    await eventually(async () => {
      const intents = await Promise.all(created.map((one) => platform.merchant.intent(one.intent_id)));
      return intents.every((intent) => intent.status === "succeeded");
    });
    const lookUps = links.flatMap((link) => link.calls).filter((call) => call.method === "lookUp");
    expect(lookUps).toHaveLength(created.length);
  });

  it("deliver each event once, in its intent's order", async () => {
    const created = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const one = await platform.merchant.createIntent();
        await pay(one.payment_url, CARDS.declined);
        await pay(one.payment_url);
        return one;
      }),
    );
    await eventually(() => created.every((one) => platform.sink.typesFor(one.intent_id).length >= 2));
    for (const { intent_id } of created) {
      expect(platform.sink.typesFor(intent_id)).toEqual(["payment.failed", "payment.succeeded"]);
    }
    const ids = platform.sink.received.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("pay one intent once, though its tabs are on both", async () => {
    for (let round = 0; round < 10; round++) {
      const created = await platform.merchant.createIntent();
      const there = created.payment_url.replace(platform.url, other.publicUrl);
      await Promise.all([created.payment_url, there, created.payment_url, there].map((url) => pay(url)));
      const intent = await merchantThere.intent(created.intent_id);
      expect([intent.status, intent.charges.length]).toEqual(["succeeded", 1]);
    }
  });

  it("advance the one clock one after the other, and each due thing happens once", async () => {
    const made = await subscribeMany(3);
    const from = await platform.merchant.clockNow();
    const advances = 6;
    await Promise.all(
      Array.from({ length: advances }, (_, index) =>
        (index % 2 === 0 ? platform.merchant : merchantThere).advance({ seconds: 11 * 86_400 }),
      ),
    );
    const passed = Date.parse(await merchantThere.clockNow()) - Date.parse(from);
    expect(passed).toBeGreaterThanOrEqual(advances * 11 * 86_400_000);
    expect(passed).toBeLessThan(advances * 11 * 86_400_000 + 60_000);
    for (const { intentId } of made) expect(renewals(intentId)).toBe(2);
    await cancelAll(made);
  });
});

describe("a cancel that races a renewal", () => {
  it("leaves the subscription cancelled and tells what became of the charge, whoever was first", async () => {
    const made = await subscribeMany(40);
    const orders = new Set<string>();
    await fallDue(made, 1, (subscriptionId, index) =>
      later(index % 8, () => platform.merchant.post(`/subscriptions/${subscriptionId}/cancel`)),
    );
    await eventually(async () => {
      const charges = await platform.running.platform.db.query(
        sql`select 1 from charges where status = 'pending'`,
      );
      return charges.length === 0;
    });
    for (const { intentId, subscriptionId } of made) {
      const { data } = (await platform.merchant.get(`/subscriptions/${subscriptionId}`)).body;
      const { charges } = await platform.merchant.intent(intentId);
      expect(data).toMatchObject({
        status: "cancelled",
        next_charge_at: null,
        current_cycle: charges.length - 1,
      });
      await eventually(() => platform.sink.typesFor(intentId).length === charges.length + 2);
      const heard = platform.sink.typesFor(intentId).slice(2);
      expect(heard.toSorted()).toEqual(
        ["subscription.canceled", "subscription.renewed"].slice(0, charges.length),
      );
      orders.add(heard.join());
    }
    // Some were cancelled before they were charged, and some after.
    expect(orders.size).toBeGreaterThan(1);
  });
});

type Subscribed = { intentId: string; subscriptionId: string };

function subscribeMany(count: number): Promise<Subscribed[]> {
  return Promise.all(Array.from({ length: count }, () => subscribe(platform)));
}

async function cancelAll(made: readonly Subscribed[]): Promise<void> {
  await Promise.all(
    made.map(({ subscriptionId }) => platform.merchant.post(`/subscriptions/${subscriptionId}/cancel`)),
  );
}

/** Moves the schedules 30 days back in wall time, so that both workers find all of them due at once; they are woken by turns. */
async function fallDue(
  made: readonly Subscribed[],
  turn: number,
  meanwhile: (subscriptionId: string, index: number) => Promise<unknown> = async () => undefined,
): Promise<void> {
  await platform.running.platform.db.query(sql`
    update subscriptions set anchor_at = anchor_at - interval '30 days', due_at = due_at - interval '30 days'
     where subscription_id = any(${made.map(({ subscriptionId }) => subscriptionId.replace("sub_", ""))}::uuid[])`);
  const platforms = [platform.running.platform, other.platform];
  for (const each of turn % 2 === 0 ? platforms : platforms.toReversed()) each.wake();
  await Promise.all(made.map(({ subscriptionId }, index) => meanwhile(subscriptionId, index)));
}

async function later<T>(ms: number, work: () => Promise<T>): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return await work();
}

function chargesSent(link: (typeof links)[number]): number {
  return link.calls.filter((call) => call.method === "charge").length;
}

function renewals(intentId: string): number {
  return platform.sink.of("subscription.renewed", intentId).length;
}
