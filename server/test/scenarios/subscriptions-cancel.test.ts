/** Cancelling a subscription: at once, from every status, and never charged again (contract section 4). */
import { beforeAll, describe, expect, it } from "vitest";
import { sql } from "../../src/store/sql.ts";
import { createFaultyLink } from "../support/faulty-link.ts";
import {
  CARDS,
  eventually,
  type Json,
  type Reply,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";

const YEAR = 365 * 86_400;
const link = createFaultyLink();
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ sandboxLink: link });
});

describe("a subscription is cancelled", () => {
  it.each([
    ["active", 0],
    ["past_due", 30 * 86_400 + 60],
    ["unpaid", 40 * 86_400],
  ])("from %s, once, and never charged again", async (status, seconds) => {
    const { merchant, sink } = platform;
    const { subscriptionId, intentId } = await subscribe(platform, { number: CARDS.firstOnly });
    if (seconds > 0) await merchant.advance({ seconds });
    expect((await look(subscriptionId)).status).toBe(status);

    const first = await cancel(subscriptionId);
    expect(first.body).toEqual({
      success: true,
      data: { subscription_id: subscriptionId, status: "cancelled" },
    });
    const again = await cancel(subscriptionId.replace("sub_", ""));
    expect(again.text).toBe(first.text);
    const charges = (await merchant.intent(intentId)).charges.length;

    await merchant.advance({ seconds: YEAR });
    expect(await look(subscriptionId)).toMatchObject({ status: "cancelled", next_charge_at: null });
    expect((await cancel(subscriptionId)).text).toBe(first.text);
    expect(sink.of("subscription.canceled", intentId)).toHaveLength(1);
    expect(sink.typesFor(intentId).at(-1)).toBe("subscription.canceled");
    expect(await merchant.intent(intentId)).toMatchObject({ status: "succeeded" });
    expect((await merchant.intent(intentId)).charges).toHaveLength(charges);
  });

  it("and the schedule that was ahead of an active one is gone from every answer", async () => {
    const { merchant } = platform;
    const { subscriptionId } = await subscribe(platform);
    const before = await look(subscriptionId);
    await cancel(subscriptionId);
    const after = await look(subscriptionId);
    expect(after).toEqual({
      ...before,
      status: "cancelled",
      next_charge_at: null,
      cancelled_at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/),
    });
    const listed = (await merchant.get("/subscriptions?status=cancelled&limit=1")).body.data;
    expect(listed[0]).toEqual(after);
  });

  it("404 where there is none, and nothing happens", async () => {
    for (const id of ["sub_019ac0de-0000-7000-8000-000000000000", "nonsense", "pi_x"]) {
      const reply = await cancel(id);
      expect(reply.status).toBe(404);
      expect(reply.body).toEqual({ success: false, message: "No such subscription.", data: [] });
    }
  });
});

describe("a renewal that was on its way when the subscription was cancelled", () => {
  it.each([
    ["succeeds is booked and told", "succeeds", "subscription.renewed", "succeeded"],
    ["is refused is told", "insufficient_funds", "subscription.failed", "failed"],
  ])("and %s, and the status stays cancelled", async (_, behaviour, event, charged) => {
    const { merchant, sink } = platform;
    const { subscriptionId, intentId } = await subscribe(platform);
    await behave(subscriptionId, behaviour);
    const renewal = link.nextCharge("late");
    const advanced = merchant.advance({ seconds: 30 * 86_400 + 1 });
    await renewal.struck;
    expect(await look(subscriptionId)).toMatchObject({ status: "active", next_charge_at: null });
    expect((await cancel(subscriptionId)).status).toBe(200);
    renewal.release();
    await advanced;

    await merchant.advance({ seconds: YEAR });
    expect(await look(subscriptionId)).toMatchObject({
      status: "cancelled",
      next_charge_at: null,
      current_cycle: charged === "succeeded" ? 1 : 0,
    });
    expect(sink.typesFor(intentId).slice(2)).toEqual(["subscription.canceled", event]);
    const { charges } = await merchant.intent(intentId);
    expect(charges.map((charge: Json) => [charge.cycle, charge.status])).toEqual([
      [1, charged],
      [0, "succeeded"],
    ]);
    expect((await cancel(subscriptionId)).status).toBe(200);
    expect(sink.of("subscription.canceled", intentId)).toHaveLength(1);
  });

  it("and whose answer was lost is looked up, booked and told", async () => {
    const { merchant, sink } = platform;
    const { subscriptionId, intentId } = await subscribe(platform);
    await loseRenewal("timeout_after", subscriptionId);
    expect((await cancel(subscriptionId)).status).toBe(200);
    await merchant.advance({ seconds: 60 });
    expect(sink.typesFor(intentId).slice(2)).toEqual(["subscription.canceled", "subscription.renewed"]);
    expect(await look(subscriptionId)).toMatchObject({ status: "cancelled", current_cycle: 1 });
  });

  it("but never reached the processor is not sent any more", async () => {
    const { merchant, sink } = platform;
    const { subscriptionId, intentId } = await subscribe(platform);
    await loseRenewal("timeout_before", subscriptionId);
    const sent = link.calls.filter((call) => call.method === "charge").length;
    expect((await cancel(subscriptionId)).status).toBe(200);
    await merchant.advance({ seconds: 3_600 });
    expect(link.calls.filter((call) => call.method === "charge")).toHaveLength(sent);
    expect(sink.of("subscription.renewed", intentId)).toEqual([]);
    const { charges } = await merchant.intent(intentId);
    expect(charges[0]).toMatchObject({ cycle: 1, status: "failed", failure_code: "canceled" });
    expect(await look(subscriptionId)).toMatchObject({ status: "cancelled", current_cycle: 0 });
  });
});

/** Lets the renewal fall due in wall time and meet the fault; back once its answer is known to be lost. */
async function loseRenewal(fault: "timeout_before" | "timeout_after", subscriptionId: string): Promise<void> {
  const { running } = platform;
  const lookUp = link.next("lookUp", "timeout_before"); // so that the first look-up finds nothing out
  const renewal = link.nextCharge(fault);
  await running.platform.db.query(sql`
    update subscriptions set anchor_at = anchor_at - interval '30 days', due_at = due_at - interval '30 days'
     where subscription_id = ${subscriptionId.replace("sub_", "")}`);
  running.platform.wake();
  await renewal.struck;
  await lookUp.struck;
  await eventually(async () => {
    const rows = await running.platform.db.query(sql`
      select 1 from charges where status = 'pending' and look_ups = 2 and lease_until is null`);
    return rows.length === 1;
  });
}

async function behave(subscriptionId: string, behaviour: string): Promise<void> {
  await platform.running.platform.db.query(sql`
    update sandbox.methods set behaviour = ${behaviour}
     where token = (select method_token from subscriptions where subscription_id = ${subscriptionId.replace("sub_", "")})`);
}

async function look(subscriptionId: string): Promise<Json> {
  return (await platform.merchant.get(`/subscriptions/${subscriptionId}`)).body.data;
}

function cancel(subscriptionId: string): Promise<Reply> {
  return platform.merchant.post(`/subscriptions/${subscriptionId}/cancel`);
}
