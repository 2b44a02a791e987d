/** Refunds: full, partial and several, never more than was paid, and never twice for a lost answer (contract section 6). */
import { beforeAll, describe, expect, it } from "vitest";
import { booksOf } from "../../src/domain/account.ts";
import { type ChargeId, parseIntentId } from "../../src/domain/ids.ts";
import { settle } from "../../src/flows/charges/settle.ts";
import { findAccount } from "../../src/store/accounts.ts";
import { findCharge } from "../../src/store/charges.ts";
import { createFaultyLink } from "../support/faulty-link.ts";
import {
  answerChallenge,
  CARDS,
  eventually,
  type Json,
  pay,
  startPlatform,
  type TestPlatform,
} from "../support/platform.ts";

describe("refunds", () => {
  let platform: TestPlatform;
  const link = createFaultyLink();
  beforeAll(async () => {
    platform = await startPlatform({ sandboxLink: link });
  });

  async function paid(change: Record<string, unknown> = {}): Promise<string> {
    const created = await platform.merchant.createIntent(change);
    expect((await pay(created.payment_url)).status).toBe("succeeded");
    return created.intent_id;
  }

  async function refund(intentId: string, body: Record<string, unknown> = {}): Promise<Json> {
    const reply = await platform.merchant.post(`/intents/${intentId}/refunds`, body);
    expect(reply.status, reply.text).toBe(200);
    expect(reply.body.data.status).toBe("pending");
    return await eventually(async () => {
      const { data } = (await platform.merchant.get(`/refunds/${reply.body.data.refund_id}`)).body;
      return data.status !== "pending" && data;
    });
  }

  it("that is refused as rehearsed moves nothing, is told, and may be asked for again", async () => {
    const { merchant, sink } = platform;
    const intentId = await paid();
    expect((await merchant.post("/test/faults", { target: "refund", fault: "refuse" })).status).toBe(200);
    const refused = await refund(intentId, { amount: 30 });
    expect(refused).toMatchObject({ status: "failed", amount: "30.00" });
    await eventually(() => sink.of("refund.failed", intentId).length === 1);
    expect((await merchant.get("/test/faults")).body.data).toEqual([]);
    expect((await refund(intentId)).amount).toBe("80.00");
    expect((await merchant.post("/test/faults", { target: "refund", fault: "drop" })).status).toBe(422);
  });

  it("gives a whole charge back and tells the merchant; the intent stays succeeded", async () => {
    const intentId = await paid();
    const refunded = await refund(intentId, { reason: "Returned goods" });
    expect(refunded).toMatchObject({
      status: "succeeded",
      amount: "80.00",
      currency: "USD",
      reason: "Returned goods",
    });
    expect(refunded.refund_id).toMatch(/^re_/);
    expect((await platform.merchant.intent(intentId)).status).toBe("succeeded");
    const [told] = await eventually(() => {
      const found = platform.sink.of("payment.refunded", intentId);
      return found.length > 0 && found;
    });
    expect(told?.payload).toMatchObject({
      event: "payment.refunded",
      refund_id: refunded.refund_id,
      charge_id: refunded.charge_id,
      amount: "80.00",
      reason: "Returned goods",
      metadata: { internal_id: "999" },
    });
    expect(told?.verified).toBe(true);
  });

  it("gives parts back until nothing is left, and refuses more", async () => {
    const intentId = await paid();
    expect((await refund(intentId, { amount: "30.00" })).amount).toBe("30.00");
    expect((await refund(intentId, { amount: 20 })).amount).toBe("20.00");
    const tooMuch = await platform.merchant.post(`/intents/${intentId}/refunds`, { amount: 30.01 });
    expect(tooMuch.status).toBe(422);
    expect(tooMuch.body.errors).toEqual({ amount: ["The amount must not be greater than 30.00."] });
    expect((await refund(intentId)).amount).toBe("30.00");
    expect((await platform.merchant.post(`/intents/${intentId}/refunds`)).status).toBe(400);
    expect((await platform.merchant.intent(intentId)).charges[0].amount_refunded).toBe("80.00");
  });

  it("never refunds more than was paid, however many ask at once", async () => {
    const intentId = await paid();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () =>
        platform.merchant.post(`/intents/${intentId}/refunds`, { amount: 30 }),
      ),
    );
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(2);
    expect(replies.filter((reply) => reply.status === 422)).toHaveLength(18);
  });

  it("refuses a refund of what was not paid, in other decimals, or of nothing", async () => {
    const unpaid = await platform.merchant.createIntent();
    const intentId = await paid();
    const post = (id: string, body: unknown) => platform.merchant.post(`/intents/${id}/refunds`, body);
    expect((await post(unpaid.intent_id, {})).status).toBe(400);
    expect((await post(intentId, { charge_id: 999_999_999 })).status).toBe(422);
    expect((await post(intentId, { amount: "1.001" })).body.errors).toEqual({
      amount: ["The amount format is invalid."],
    });
    for (const amount of [0, -1, "-0.01"]) {
      expect((await post(intentId, { amount })).body.errors).toEqual({
        amount: ["The amount must be greater than 0."],
      });
    }
    expect((await post(intentId, { amount: "ten" })).body.errors).toEqual({
      amount: ["The amount must be a number."],
    });
    expect((await post("pi_00000000-0000-7000-8000-000000000000", {})).status).toBe(404);
    expect((await platform.merchant.get("/refunds/re_00000000-0000-7000-8000-000000000000")).status).toBe(
      404,
    );
  });

  it("says which it is: not paid, another's charge, a charge that failed, or all given back", async () => {
    const post = (id: string, body: unknown) => platform.merchant.post(`/intents/${id}/refunds`, body);
    const unpaid = await platform.merchant.createIntent();
    const notPaid = await post(unpaid.intent_id, { amount: 1 });
    expect([notPaid.status, notPaid.body.message]).toEqual([
      400,
      "A payment intent with status requires_payment has nothing to refund.",
    ]);

    const created = await platform.merchant.createIntent();
    await pay(created.payment_url, CARDS.declined);
    await pay(created.payment_url);
    const { charges } = await platform.merchant.intent(created.intent_id);
    const [paidBy, declined] = charges.map((charge: Json) => charge.charge_id);
    const failed = await post(created.intent_id, { charge_id: declined });
    expect([failed.status, failed.body.message]).toEqual([
      400,
      "This charge has not succeeded, so there is nothing to refund.",
    ]);

    const other = await paid();
    for (const charge_id of [paidBy, 9_007_199_254_740_991]) {
      const foreign = await post(other, { charge_id });
      expect([foreign.status, foreign.body.errors]).toEqual([
        422,
        { charge_id: ["The selected charge id is invalid."] },
      ]);
    }

    await refund(created.intent_id);
    for (const body of [{}, { charge_id: paidBy }]) {
      const again = await post(created.intent_id, body);
      expect([again.status, again.body.message]).toEqual([400, "This charge has been refunded in full."]);
    }
    const more = await post(created.intent_id, { amount: 1 });
    expect([more.status, more.body.errors]).toEqual([
      422,
      { amount: ["The amount must not be greater than 0.00."] },
    ]);
  });

  it("replays its first answer under a key, and refunds once", async () => {
    const intentId = await paid();
    const post = () =>
      platform.merchant.post(
        `/intents/${intentId}/refunds`,
        { amount: 10 },
        { "idempotency-key": `r-${intentId}` },
      );
    const replies = await Promise.all([post(), post(), post()]);
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    await eventually(() => platform.sink.of("payment.refunded", intentId).length > 0);
    expect((await post()).text).toBe(replies[0]?.text);
    await platform.settled();
    expect(platform.sink.of("payment.refunded", intentId)).toHaveLength(1);
  });

  it.each(["timeout_before", "timeout_after"] as const)(
    "finds a refund's lost answer again and refunds once (%s)",
    async (fault) => {
      const intentId = await paid();
      link.next("refund", fault);
      expect((await refund(intentId, { amount: 12.34 })).status).toBe("succeeded");
      await platform.settled();
      expect(platform.sink.of("payment.refunded", intentId)).toHaveLength(1);
    },
  );

  it("gives the money back by itself where a payment succeeds after it was cancelled", async () => {
    const { merchant, sink, running } = platform;
    const created = await merchant.createIntent();
    const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
    expect((await merchant.post(`/intents/${created.intent_id}/cancel`)).status).toBe(200);
    // What no processor should do: the money moves all the same. The sandbox's books say so, as a notification would.
    const intentId = parseIntentId(created.intent_id);
    const [row] = (await running.platform.db.query({
      text: `update sandbox.payments p set status = 'succeeded' from charges c
              where c.intent_id = $1 and p.account_id = c.account_id and p.idempotency_key = c.attempt_key
              returning c.charge_id as "chargeId", p.payment_ref as "paymentRef"`,
      values: [intentId],
    } as never)) as { chargeId: ChargeId; paymentRef: string }[];
    const account = await findAccount(running.platform.db, running.accountId);
    const charge = await findCharge(running.platform.db, running.accountId, row?.chargeId as ChargeId);
    expect(account && charge && view.challenge_url).toBeTruthy();
    if (!account || !charge) return;
    const asked = {
      ...charge,
      status: "pending",
      resumed: true,
      processorRef: null,
      lookUpAt: 0n,
      lookUps: 0,
    };
    const outcome = { kind: "succeeded", processorRef: row?.paymentRef ?? "" } as const;
    const books = booksOf(account, running.platform.world);
    await Promise.all([1, 2, 3].map(() => settle(running.platform, books, asked as never, outcome)));
    const [told] = await eventually(() => {
      const found = sink.of("payment.refunded", created.intent_id);
      return found.length > 0 && found;
    });
    expect(told?.payload).toMatchObject({ reason: "late_success", amount: "80.00" });
    const intent = await merchant.intent(created.intent_id);
    expect(intent.status).toBe("cancelled");
    expect(intent.charges[0].status).toBe("late");
    expect(sink.of("payment.refunded", created.intent_id)).toHaveLength(1);
  });

  it("returns from a challenge that was answered are unaffected", async () => {
    const created = await platform.merchant.createIntent();
    await answerChallenge(await pay(created.payment_url, CARDS.challengeThenSucceeds), "complete");
    expect((await refund(created.intent_id)).status).toBe("succeeded");
  });
});
