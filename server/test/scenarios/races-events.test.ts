/** Changes of one intent that happen at once and share nothing but its events: each is told, once, in one order. */
import { beforeAll, describe, expect, it } from "vitest";
import { sql } from "../../src/store/sql.ts";
import { eventually, pay, startPlatform, subscribe, type TestPlatform } from "../support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

describe("at once", () => {
  it("ten refunds of one payment are made and told without waiting for a lease to end", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    await pay(created.payment_url);
    await refundTenTimes(created.intent_id);
    await toldInOneOrder(created.intent_id, { "payment.succeeded": 1, "payment.refunded": 10 });
  });

  it("so are refunds beside a renewal and the subscription's cancel", async () => {
    const { merchant, running } = platform;
    for (let round = 0; round < 5; round++) {
      const { intentId, subscriptionId } = await subscribe(platform);
      await running.platform.db.query(sql`
        update subscriptions set anchor_at = anchor_at - interval '30 days', due_at = due_at - interval '30 days'
         where subscription_id = ${subscriptionId.replace("sub_", "")}`);
      running.platform.wake();
      await refundTenTimes(intentId);
      await eventually(() => platform.sink.of("subscription.renewed", intentId).length === 1);
      await merchant.post(`/subscriptions/${subscriptionId}/cancel`);
      await toldInOneOrder(intentId, {
        "payment.succeeded": 1,
        "subscription.created": 1,
        "payment.refunded": 10,
        "subscription.renewed": 1,
        "subscription.canceled": 1,
      });
    }
  });
});

async function refundTenTimes(intentId: string): Promise<void> {
  const replies = await Promise.all(
    Array.from({ length: 10 }, () =>
      platform.merchant.post(`/intents/${intentId}/refunds`, { amount: "8.00" }),
    ),
  );
  expect(replies.map((reply) => reply.status)).toEqual(Array<number>(10).fill(200));
}

async function toldInOneOrder(intentId: string, expected: Record<string, number>): Promise<void> {
  const total = Object.values(expected).reduce((sum, each) => sum + each, 0);
  await eventually(() => platform.sink.typesFor(intentId).length >= total);
  const told = platform.sink.received.filter(({ payload }) => payload["intent_id"] === intentId);
  const counts = Object.groupBy(told, ({ event }) => event);
  expect(Object.fromEntries(Object.entries(counts).map(([event, all]) => [event, all?.length]))).toEqual(
    expected,
  );
  const written = await platform.running.platform.db.query<{ id: string; seq: number }>(sql`
    select 'evt_' || event_id as id, seq from events where intent_id = ${intentId.replace("pi_", "")} order by seq`);
  expect(written.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  expect(told.map(({ id }) => id)).toEqual(written.map(({ id }) => id));
}
