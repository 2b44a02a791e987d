/**
 * Answers of the processor that are lost, late or doubled, at an intent's first payment and after its challenge: the
 * charge is looked up until its outcome is known, and the customer is charged once.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { sql } from "../../src/store/sql.ts";
import { createFaultyLink, type Fault } from "../support/faulty-link.ts";
import {
  answerChallenge,
  CARDS,
  checkoutState,
  eventually,
  pay,
  startPlatform,
  type TestPlatform,
  tryToPay,
} from "../support/platform.ts";

const link = createFaultyLink();
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ sandboxLink: link });
});

describe("a first payment whose answer is lost", () => {
  it.each([
    ["timeout_before", "visa", "succeeded", ["payment.succeeded"]],
    ["timeout_after", "visa", "succeeded", ["payment.succeeded"]],
    ["timeout_before", "declined", "requires_payment", ["payment.failed"]],
    ["timeout_after", "declined", "requires_payment", ["payment.failed"]],
  ] as const)("(%s, %s card) is looked up, and the customer is charged once", async (...row) => {
    const [fault, card, status, events] = row;
    const { merchant } = platform;
    const created = await merchant.createIntent();
    const lookUp = link.next("lookUp", "timeout_before");
    link.nextCharge(fault);
    expect(await pay(created.payment_url, CARDS[card])).toMatchObject({ status: "processing" });
    await lookUp.struck;
    await takesNoCard(created);
    await merchant.advance({ seconds: 30 });
    expect((await merchant.intent(created.intent_id)).status).toBe(status);
    expect(await paymentsOf(created.intent_id)).toEqual([status === "succeeded" ? "succeeded" : "declined"]);
    await told(created.intent_id, events);
    if (status === "requires_payment") expect((await pay(created.payment_url)).status).toBe("succeeded");
  });

  it("and that never arrived is not sent any more once its intent's time is up", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    const lookUp = link.next("lookUp", "timeout_before");
    link.nextCharge("timeout_before");
    expect(await pay(created.payment_url)).toMatchObject({ status: "processing" });
    await lookUp.struck;
    await merchant.advance({ seconds: 25 * 3_600, skip: true });
    await merchant.advance({ seconds: 120 });
    const intent = await merchant.intent(created.intent_id);
    expect(intent.status).toBe("expired");
    expect(intent.charges).toMatchObject([{ status: "failed", failure_code: "processing_error" }]);
    expect(await paymentsOf(created.intent_id)).toEqual([]);
    await told(created.intent_id, ["payment.failed"]);
  });

  it.each(["timeout_before", "timeout_after"] as const)(
    "(%s) on a card with a challenge comes to its challenge",
    async (fault) => {
      const { merchant } = platform;
      const created = await merchant.createIntent();
      link.nextCharge(fault);
      expect((await pay(created.payment_url, CARDS.challengeThenSucceeds)).status).toBe("processing");
      await merchant.advance({ seconds: 30 });
      const view = await checkoutState(created.payment_url);
      expect(view.status).toBe("requires_action");
      await answerChallenge(view, "complete");
      expect((await checkoutState(created.payment_url)).status).toBe("succeeded");
      expect(await paymentsOf(created.intent_id)).toEqual(["succeeded"]);
    },
  );

  it("of a recurring intent starts its subscription once, from when the outcome was known", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent({ intent_type: "recurring", interval_days: 30 });
    link.nextCharge("timeout_after");
    await pay(created.payment_url);
    await merchant.advance({ seconds: 30 });
    const { subscription_id, status } = await merchant.intent(created.intent_id);
    expect(status).toBe("succeeded");
    await told(created.intent_id, ["payment.succeeded", "subscription.created"]);
    await merchant.post(`/subscriptions/${subscription_id}/cancel`);
  });

  it("is asked after until somebody answers, ever less often", async () => {
    const { merchant, sink } = platform;
    const created = await merchant.createIntent();
    link.nextCharge("timeout_after");
    for (let times = 0; times < 8; times++) link.next("lookUp", "timeout_before");
    await pay(created.payment_url);
    const lookUps = () => link.calls.filter((call) => call.method === "lookUp").length;
    const before = lookUps();
    await merchant.advance({ seconds: 4 * 3_600 });
    expect((await checkoutState(created.payment_url)).status).toBe("succeeded");
    expect(lookUps() - before).toBeLessThanOrEqual(9);
    const [charge] = (await merchant.intent(created.intent_id)).charges;
    const [told_] = sink.of("payment.succeeded", created.intent_id);
    const seconds = (Date.parse(String(told_?.payload["created_at"])) - Date.parse(charge.created_at)) / 1000;
    expect(Math.floor(seconds)).toBe(1 + 5 + 15 + 60 + 300 + 1_800 + 3 * 3_600);
  });
});

describe("a first payment whose answer is late", () => {
  it("is processing until it comes; meanwhile the page takes no card and the merchant cannot cancel", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    const charge = link.nextCharge("late");
    const paying = pay(created.payment_url);
    await charge.struck;
    await takesNoCard(created);
    charge.release();
    expect((await paying).status).toBe("succeeded");
    expect(await paymentsOf(created.intent_id)).toEqual(["succeeded"]);
    await told(created.intent_id, ["payment.succeeded"]);
  });

  it.each([CARDS.visa, CARDS.declined])(
    "changes nothing any more when a look-up was faster (card %s)",
    async (number) => {
      const { merchant } = platform;
      const created = await merchant.createIntent();
      const charge = link.nextCharge("late");
      const paying = pay(created.payment_url, number);
      await charge.struck;
      await merchant.advance({ seconds: 20 });
      const known = await merchant.intent(created.intent_id);
      expect(known.status).toBe(number === CARDS.visa ? "succeeded" : "requires_payment");
      charge.release();
      expect((await paying).status).toBe(known.status);
      expect(await merchant.intent(created.intent_id)).toEqual(known);
      await told(created.intent_id, [number === CARDS.visa ? "payment.succeeded" : "payment.failed"]);
    },
  );

  it("does not undo the next attempt, which began after a look-up had declined the first", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    const first = link.nextCharge("late");
    const paying = pay(created.payment_url, CARDS.declined);
    await first.struck;
    await merchant.advance({ seconds: 20 });
    expect((await pay(created.payment_url, CARDS.challengeThenSucceeds)).status).toBe("requires_action");
    first.release();
    expect((await paying).status).toBe("requires_action");
    await answerChallenge(await checkoutState(created.payment_url), "complete");
    expect((await merchant.intent(created.intent_id)).status).toBe("succeeded");
    await told(created.intent_id, ["payment.failed", "payment.succeeded"]);
  });
});

describe("a first payment that arrives twice at the processor", () => {
  it.each([CARDS.visa, CARDS.declined, CARDS.challengeThenSucceeds])(
    "is one payment (card %s)",
    async (number) => {
      const created = await platform.merchant.createIntent();
      link.nextCharge("twice");
      const view = await pay(created.payment_url, number);
      if (view.status === "requires_action") {
        link.next("complete", "twice");
        await answerChallenge(view, "complete");
      }
      expect(await paymentsOf(created.intent_id)).toHaveLength(1);
      expect((await platform.merchant.intent(created.intent_id)).charges).toHaveLength(1);
    },
  );
});

describe("a completed challenge whose answer is lost", () => {
  it.each(["timeout_before", "timeout_after"] as const)(
    "(%s) is found out, and charged once",
    async (fault) => {
      const { merchant } = platform;
      const created = await merchant.createIntent();
      const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
      const lookUp = link.next("lookUp", "timeout_before");
      link.next("complete", fault);
      await answerChallenge(view, "complete");
      await lookUp.struck;
      await takesNoCard(created);
      await merchant.advance({ seconds: 30 });
      expect((await merchant.intent(created.intent_id)).status).toBe("succeeded");
      expect(await paymentsOf(created.intent_id)).toEqual(["succeeded"]);
      await told(created.intent_id, ["payment.succeeded"]);
    },
  );

  it("stays under way though an earlier answer, that it was still open, comes last", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
    // The customer comes back without an answer; what the processor says to that is held up.
    const stillOpen = link.next("complete", "late");
    const cameBack = fetch(`${created.payment_url}?returned=1`);
    await stillOpen.struck;
    await merchant.advance({ seconds: 20 });
    expect((await checkoutState(created.payment_url)).status).toBe("requires_action");
    // Then they complete it, the money moves, and of that the answers are lost.
    link.next("complete", "timeout_after");
    const lookUp = link.next("lookUp", "timeout_before");
    await answerChallenge(view, "complete");
    stillOpen.release();
    await cameBack;
    await lookUp.struck;
    await takesNoCard(created);
    await merchant.advance({ seconds: 30 });
    expect((await merchant.intent(created.intent_id)).status).toBe("succeeded");
  });
});

describe("a card that cannot be handed to the processor", () => {
  it("is no charge: the page hears that it may try again", async () => {
    const created = await platform.merchant.createIntent();
    link.next("saveCard", "timeout_before");
    const reply = await tryToPay(created.payment_url);
    expect(reply.status).toBe(503);
    expect((await platform.merchant.intent(created.intent_id)).charges).toEqual([]);
    expect((await pay(created.payment_url)).status).toBe("succeeded");
  });
});

describe("a processor that never answers", () => {
  it("is given up after ten seconds: a payment is processing then and looked up, a card is not taken", async () => {
    const { merchant } = platform;
    const [paid, refused] = [await merchant.createIntent(), await merchant.createIntent()];
    const charge = link.nextCharge("late");
    const lookUp = link.next("lookUp", "timeout_before");
    const paying = pay(paid.payment_url);
    await charge.struck;
    const card = link.next("saveCard", "late");
    const trying = tryToPay(refused.payment_url);
    expect((await paying).status).toBe("processing");
    expect((await trying).status).toBe(503);
    await lookUp.struck;
    await merchant.advance({ seconds: 30 });
    expect((await merchant.intent(paid.intent_id)).status).toBe("succeeded");
    expect(await paymentsOf(paid.intent_id)).toEqual(["succeeded"]);
    expect((await merchant.intent(refused.intent_id)).charges).toEqual([]);
    charge.release();
    card.release();
    await told(paid.intent_id, ["payment.succeeded"]);
  });
});

describe("many payments over a bad line", () => {
  it("are each charged once in the end", async () => {
    const { merchant } = platform;
    const faults: Fault[] = ["timeout_before", "timeout_after", "twice"];
    const created = await Promise.all(Array.from({ length: 30 }, () => merchant.createIntent()));
    for (let index = 0; index < 24; index++) {
      link.nextCharge(faults[index % 3] ?? "twice");
      link.next("lookUp", faults[(index + 1) % 3] ?? "twice");
    }
    await Promise.all(created.map((one) => pay(one.payment_url)));
    await merchant.advance({ seconds: 8 * 3_600 });
    for (const { intent_id } of created) {
      expect((await merchant.intent(intent_id)).status).toBe("succeeded");
      expect(await paymentsOf(intent_id)).toEqual(["succeeded"]);
      await told(intent_id, ["payment.succeeded"]);
    }
  });
});

/** The outcome is unknown: the page says so, another payment does nothing, and the merchant cannot cancel. */
async function takesNoCard(created: { intent_id: string; payment_url: string }): Promise<void> {
  const { merchant } = platform;
  const before = await merchant.intent(created.intent_id);
  expect(before.status).toBe("processing");
  expect(await pay(created.payment_url)).toMatchObject({ status: "processing", challenge_url: null });
  const refused = await merchant.post(`/intents/${created.intent_id}/cancel`);
  expect([refused.status, refused.body.message]).toEqual([
    400,
    "A payment intent with status processing cannot be cancelled.",
  ]);
  expect(await merchant.intent(created.intent_id)).toEqual(before);
}

/** What the sandbox's own books say of an intent's payments. */
async function paymentsOf(intentId: string): Promise<string[]> {
  const rows = await platform.running.platform.db.query<{ status: string }>(sql`
    select p.status from sandbox.payments p
      join charges c on c.account_id = p.account_id and c.attempt_key = p.idempotency_key
     where c.intent_id = ${intentId.replace("pi_", "")} order by p.created_at`);
  return rows.map(({ status }) => status);
}

async function told(intentId: string, events: readonly string[]): Promise<void> {
  await eventually(() => platform.sink.typesFor(intentId).length >= events.length);
  expect(platform.sink.typesFor(intentId)).toEqual(events);
}
