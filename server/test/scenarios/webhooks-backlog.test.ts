/** How soon webhooks come: one right after the other, and what has piled up without waiting for the worker's next look. */
import { beforeAll, describe, expect, it } from "vitest";
import { WORKER } from "../../src/base/limits.ts";
import { sql } from "../../src/store/sql.ts";
import { eventually, pay, startPlatform, type TestPlatform } from "../support/platform.ts";

let platform: TestPlatform;
const arrivals = new Map<string, number>();
beforeAll(async () => {
  platform = await startPlatform();
  platform.sink.answer(({ event, payload }) => {
    arrivals.set(`${event} ${String(payload["intent_id"])}`, performance.now());
    return 200;
  });
});

describe("webhooks come soon", () => {
  it("the second event of a payment follows its first at once", async () => {
    const gaps: number[] = [];
    for (let times = 0; times < 7; times++) {
      const { intent_id, payment_url } = await platform.merchant.createIntent({
        intent_type: "recurring",
        interval_days: 30,
      });
      await pay(payment_url);
      const second = await eventually(() => arrivals.get(`subscription.created ${intent_id}`));
      gaps.push(second - (arrivals.get(`payment.succeeded ${intent_id}`) ?? 0));
    }
    expect(gaps.toSorted((a, b) => a - b)[3]).toBeLessThan(WORKER.pollMs / 2);
  });

  it("after an outage, as fast as the receiver takes them", async () => {
    const { merchant, sink, running } = platform;
    const waiting = async () => {
      const [row] = await running.platform.db.query<{ count: bigint }>(sql`
        select count(*) from deliveries where status = 'pending'`);
      return Number(row?.count);
    };
    await sink.down();
    const created = await Promise.all(Array.from({ length: 300 }, () => merchant.createIntent()));
    await Promise.all(created.map((one) => merchant.post(`/intents/${one.intent_id}/cancel`)));
    await eventually(async () => {
      const tried = await running.platform.db.query(sql`
        select 1 from deliveries where status = 'pending' and tries > 0 and lease_until is null`);
      return tried.length === created.length;
    });
    await sink.up();
    // As if the waits were over: the tries are older than they are.
    await running.platform.db.query(sql`update delivery_tries set tried_at = tried_at - interval '1 hour'`);
    await running.platform.db.query(
      sql`update deliveries set due_at = clock_timestamp() where due_at is not null`,
    );
    const from = performance.now();
    await eventually(async () => (await waiting()) === 0, 20_000);
    // One look serves as many as an endpoint may have under way; with a look each half second it would be:
    const byPollingMs = (created.length / WORKER.deliveriesPerEndpoint) * WORKER.pollMs;
    expect(performance.now() - from).toBeLessThan(byPollingMs * 0.8);
    for (const { intent_id } of created) expect(sink.typesFor(intent_id)).toEqual(["payment.canceled"]);
  });
});
