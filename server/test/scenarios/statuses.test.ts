/** An intent's statuses, arrow by arrow: paying, being declined, cancelling, expiring (contract section 2, "Statuses"). */
import { beforeAll, describe, expect, it } from "vitest";
import {
  answerChallenge,
  CARDS,
  checkoutState,
  eventually,
  type Json,
  pay,
  type Reply,
  startPlatform,
  type TestPlatform,
  tryToPay,
} from "../support/platform.ts";

const DAY = 86_400;
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

describe("paying an intent", () => {
  it.each(["visa", "mastercard", "amex"] as const)("with %s succeeds, with one charge", async (card) => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    const view = await pay(created.payment_url, CARDS[card]);
    expect(view).toMatchObject({ status: "succeeded", last_failure: null, challenge_url: null });
    const intent = await merchant.intent(created.intent_id);
    expect(intent.status).toBe("succeeded");
    expect(intent.charges).toEqual([
      expect.objectContaining({ status: "succeeded", amount: "80.00", failure_code: null }),
    ]);
    await told(created.intent_id, ["payment.succeeded"]);
  });

  it.each([
    ["declined", "generic_decline"],
    ["insufficientFunds", "insufficient_funds"],
    ["lost", "lost_card"],
    ["stolen", "stolen_card"],
    ["expired", "expired_card"],
    ["wrongCode", "incorrect_cvc"],
    ["processingError", "processing_error"],
  ] as const)("with a card that is refused (%s) leaves it payable, and says why", async (card, reason) => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    const view = await pay(created.payment_url, CARDS[card]);
    expect(view).toMatchObject({ status: "requires_payment", last_failure: { reason } });
    const declined = await merchant.intent(created.intent_id);
    expect(declined.status).toBe("requires_payment");
    expect(declined.charges).toEqual([
      expect.objectContaining({
        status: "failed",
        failure_code: reason,
        charge_id: view.last_failure?.charge_id,
      }),
    ]);
    expect((await pay(created.payment_url)).status).toBe("succeeded");
    await told(created.intent_id, ["payment.failed", "payment.succeeded"]);
  });

  it("fails for good at the tenth refused charge", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    for (let attempt = 1; attempt <= 10; attempt++) {
      const view = await pay(created.payment_url, CARDS.declined);
      expect(view.status).toBe(attempt < 10 ? "requires_payment" : "failed");
    }
    expect((await pay(created.payment_url)).status).toBe("failed");
    const intent = await merchant.intent(created.intent_id);
    expect(intent.status).toBe("failed");
    expect(intent.charges).toHaveLength(10);
    await told(created.intent_id, Array<string>(10).fill("payment.failed"));
    await refusesCancel(created.intent_id, "failed");
  });

  it("with a card that is not accepted as typed makes no charge and changes nothing", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    const refused = await tryToPay(created.payment_url, {
      number: "4242424242424241",
      cvc: "",
      expiry: "01/20",
    });
    expect(refused.status).toBe(422);
    const unknown = await tryToPay(created.payment_url, { number: "4111111111111111" });
    expect(unknown.body).toEqual({ success: false, errors: { number: "not_a_test_card" } });
    expect(await merchant.intent(created.intent_id)).toMatchObject({
      status: "requires_payment",
      charges: [],
    });
  });
});

describe("paying what has ended does nothing", () => {
  it.each([
    ["succeeded", async (created: Created) => void (await pay(created.payment_url))],
    ["cancelled", async (created: Created) => void (await cancel(created.intent_id))],
    [
      "failed",
      async (created: Created) => {
        for (let attempt = 0; attempt < 10; attempt++) await pay(created.payment_url, CARDS.declined);
      },
    ],
    ["expired", async () => void (await platform.merchant.advance({ seconds: DAY }))],
  ])("when it is %s", async (status, end) => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    await end(created);
    const before = await merchant.intent(created.intent_id);
    expect(before.status).toBe(status);
    for (const number of [CARDS.visa, CARDS.declined, CARDS.challengeThenSucceeds]) {
      expect((await pay(created.payment_url, number)).status).toBe(status);
    }
    expect(await merchant.intent(created.intent_id)).toEqual(before);
    expect((await checkoutState(created.payment_url)).status).toBe(status);
  });
});

describe("cancelling an intent", () => {
  it("works while it is payable; again, it is the same answer and no second event", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    const first = await cancel(created.intent_id);
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      success: true,
      data: { intent_id: created.intent_id, status: "cancelled" },
    });
    for (const id of [created.intent_id, created.intent_id.replace("pi_", "")]) {
      const again = await cancel(id);
      expect([again.status, again.text]).toEqual([200, first.text]);
    }
    expect((await merchant.intent(created.intent_id)).status).toBe("cancelled");
    await told(created.intent_id, ["payment.canceled"]);
  });

  it("works after a refused charge", async () => {
    const created = await platform.merchant.createIntent();
    await pay(created.payment_url, CARDS.declined);
    expect((await cancel(created.intent_id)).status).toBe(200);
    expect((await checkoutState(created.payment_url)).last_failure).toBeNull();
    await told(created.intent_id, ["payment.failed", "payment.canceled"]);
  });

  it("is refused once it is paid or has expired, saying which status forbids it", async () => {
    const { merchant } = platform;
    const paid = await merchant.createIntent();
    await pay(paid.payment_url);
    await refusesCancel(paid.intent_id, "succeeded");
    const left = await merchant.createIntent();
    await merchant.advance({ seconds: DAY });
    await refusesCancel(left.intent_id, "expired");
    expect((await merchant.intent(paid.intent_id)).status).toBe("succeeded");
  });

  it("404 for one that does not exist", async () => {
    for (const id of ["pi_019ac0de-0000-7000-8000-000000000000", "nothing"]) {
      expect((await cancel(id)).body).toEqual({
        success: false,
        message: "No such payment intent.",
        data: [],
      });
    }
  });
});

describe("an intent that nobody pays", () => {
  it("expires 24 hours after its creation, to the microsecond, and tells nobody", async () => {
    const { merchant, sink } = platform;
    const created = await merchant.createIntent();
    const { created_at, expires_at } = await merchant.intent(created.intent_id);
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(DAY * 1000);
    expect(expires_at.slice(-4)).toBe(created_at.slice(-4));
    await merchant.advance({ to: new Date(Date.parse(expires_at) - 60_000).toISOString() });
    expect((await merchant.intent(created.intent_id)).status).toBe("requires_payment");
    await merchant.advance({ to: expires_at });
    expect((await merchant.intent(created.intent_id)).status).toBe("expired");
    expect((await checkoutState(created.payment_url)).status).toBe("expired");
    await merchant.advance({ seconds: DAY });
    expect(sink.received.filter((told) => told.payload["intent_id"] === created.intent_id)).toEqual([]);
  });

  it("expires after refused charges too", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    await pay(created.payment_url, CARDS.declined);
    await merchant.advance({ seconds: DAY });
    expect((await merchant.intent(created.intent_id)).status).toBe("expired");
    await told(created.intent_id, ["payment.failed"]);
  });

  it("a paid one never expires", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    await answerChallenge(await pay(created.payment_url, CARDS.challengeThenSucceeds), "complete");
    await merchant.advance({ seconds: 3 * DAY });
    expect((await merchant.intent(created.intent_id)).status).toBe("succeeded");
  });
});

type Created = { intent_id: string; payment_url: string };

function cancel(intentId: string): Promise<Reply> {
  return platform.merchant.post(`/intents/${intentId}/cancel`);
}

async function refusesCancel(intentId: string, status: string): Promise<void> {
  const reply = await cancel(intentId);
  expect(reply.status).toBe(400);
  expect(reply.body).toEqual({
    success: false,
    message: `A payment intent with status ${status} cannot be cancelled.`,
    data: [],
  } satisfies Json);
}

/** The merchant has heard exactly this of the intent, in this order. */
async function told(intentId: string, events: readonly string[]): Promise<void> {
  await eventually(() => platform.sink.typesFor(intentId).length >= events.length);
  expect(platform.sink.typesFor(intentId)).toEqual(events);
}
