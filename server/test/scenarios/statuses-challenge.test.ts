/** Intents whose card wants a 3-D Secure challenge: completed, failed, left alone, cancelled, expired (contract sections 2 and 3). */
import { beforeAll, describe, expect, it } from "vitest";
import { parseInstant } from "../../src/base/instant.ts";
import { booksAt } from "../../src/domain/account.ts";
import { parseIntentId } from "../../src/domain/ids.ts";
import { resume } from "../../src/flows/charges/resume.ts";
import { findAccount } from "../../src/store/accounts.ts";
import { createFaultyLink } from "../support/faulty-link.ts";
import {
  answerChallenge,
  CARDS,
  checkoutState,
  eventually,
  pay,
  startPlatform,
  type TestPlatform,
} from "../support/platform.ts";

const link = createFaultyLink();
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ sandboxLink: link });
});

describe("a challenge", () => {
  it("holds the payment until the customer completes it, and then it succeeds", async () => {
    const { created, view } = await challenged();
    expect(view.challenge_url).toContain(`${platform.url}/sandbox/challenges/`);
    expect((await platform.merchant.intent(created.intent_id)).charges[0].status).toBe("requires_action");
    await answerChallenge(view, "complete");
    expect(await status(created.intent_id)).toBe("succeeded");
    await told(created.intent_id, ["payment.succeeded"]);
  });

  it("that the customer fails is a refused charge, and another try may succeed", async () => {
    const { created, view } = await challenged();
    await answerChallenge(view, "fail");
    const after = await checkoutState(created.payment_url);
    expect(after).toMatchObject({
      status: "requires_payment",
      challenge_url: null,
      last_failure: { reason: "authentication_failed" },
    });
    expect((await pay(created.payment_url)).status).toBe("succeeded");
    await told(created.intent_id, ["payment.failed", "payment.succeeded"]);
  });

  it("that is completed on a card without money is a refused charge", async () => {
    const { created, view } = await challenged(CARDS.challengeThenDeclined);
    await answerChallenge(view, "complete");
    expect(await checkoutState(created.payment_url)).toMatchObject({
      status: "requires_payment",
      last_failure: { reason: "generic_decline" },
    });
    await told(created.intent_id, ["payment.failed"]);
  });

  it("ten of which fail end the intent", async () => {
    const created = await platform.merchant.createIntent();
    for (let attempt = 0; attempt < 10; attempt++) {
      await answerChallenge(await pay(created.payment_url, CARDS.challengeThenSucceeds), "fail");
    }
    expect(await status(created.intent_id)).toBe("failed");
  });

  it("is shown again after a reload, and a second payment beside it does nothing", async () => {
    const { created, view } = await challenged();
    expect(await checkoutState(created.payment_url)).toEqual(view);
    expect(await pay(created.payment_url)).toEqual(view);
    const { charges } = await platform.merchant.intent(created.intent_id);
    expect(charges).toHaveLength(1);
    await answerChallenge(view, "complete");
    expect(await status(created.intent_id)).toBe("succeeded");
  });

  it("stays open for a customer who comes back without an answer", async () => {
    const { created, view } = await challenged();
    for (let times = 0; times < 3; times++) {
      expect((await fetch(`${created.payment_url}?returned=1`)).status).toBe(200);
      expect(await checkoutState(created.payment_url)).toEqual(view);
    }
    await answerChallenge(view, "complete");
    expect(await status(created.intent_id)).toBe("succeeded");
  });

  it("comes to one charge, however often the customer comes back", async () => {
    const { created, view } = await challenged();
    await answerChallenge(view, "complete");
    for (let times = 0; times < 3; times++) await fetch(`${created.payment_url}?returned=1`);
    const { charges } = await platform.merchant.intent(created.intent_id);
    expect(charges.map((charge: { status: string }) => charge.status)).toEqual(["succeeded"]);
    await told(created.intent_id, ["payment.succeeded"]);
  });
});

describe("a challenge that is left alone", () => {
  it("fails the attempt after 15 minutes, and not before", async () => {
    const { merchant, sink } = platform;
    const { created } = await challenged();
    const { created_at } = (await merchant.intent(created.intent_id)).charges[0];
    await merchant.advance({ to: new Date(Date.parse(created_at) + 14 * 60_000).toISOString() });
    expect(await status(created.intent_id)).toBe("requires_action");
    await merchant.advance({ seconds: 61 });
    expect(await checkoutState(created.payment_url)).toMatchObject({
      status: "requires_payment",
      last_failure: { reason: "authentication_abandoned" },
    });
    const [failed] = sink.of("payment.failed", created.intent_id);
    expect(Date.parse(String(failed?.payload["created_at"])) - Date.parse(created_at)).toBe(15 * 60_000);
    expect((await pay(created.payment_url)).status).toBe("succeeded");
  });

  it("is given up soon after, when the processor could not be asked at that moment", async () => {
    const { merchant, sink } = platform;
    const { created } = await challenged();
    for (let times = 0; times < 3; times++) {
      link.next("abandon", "timeout_before");
      link.next("lookUp", "timeout_before");
    }
    const from = performance.now();
    await merchant.advance({ seconds: 17 * 60 });
    expect(performance.now() - from, "without waiting for a lease to end").toBeLessThan(10_000);
    expect(await status(created.intent_id)).toBe("requires_payment");
    const { created_at } = (await merchant.intent(created.intent_id)).charges[0];
    const [failed] = sink.of("payment.failed", created.intent_id);
    expect(Date.parse(String(failed?.payload["created_at"])) - Date.parse(created_at)).toBe(
      15 * 60_000 + 3 * 15_000,
    );
  });

  it("cannot be completed afterwards: no money moves", async () => {
    const { created, view } = await challenged();
    await platform.merchant.advance({ seconds: 15 * 60 });
    await answerChallenge(view, "complete");
    expect(await status(created.intent_id)).toBe("requires_payment");
    await told(created.intent_id, ["payment.failed"]);
  });

  it("though it was completed: without the customer's return no money moves", async () => {
    const { created, view } = await challenged();
    await complete(view.challenge_url);
    await platform.merchant.advance({ seconds: 15 * 60 });
    expect(await status(created.intent_id)).toBe("requires_payment");
    await fetch(`${created.payment_url}?returned=1`);
    expect(await status(created.intent_id)).toBe("requires_payment");
  });
});

describe("an intent whose challenge is open", () => {
  it("can be cancelled; what the customer then completes moves no money", async () => {
    const { merchant } = platform;
    const { created, view } = await challenged();
    await complete(view.challenge_url);
    const cancelled = await merchant.post(`/intents/${created.intent_id}/cancel`);
    expect(cancelled.status).toBe(200);
    await fetch(`${created.payment_url}?returned=1`);
    const intent = await merchant.intent(created.intent_id);
    expect(intent.status).toBe("cancelled");
    expect(intent.charges).toEqual([expect.objectContaining({ status: "failed", failure_code: "canceled" })]);
    await told(created.intent_id, ["payment.canceled"]);
  });

  it("cannot be cancelled while the customer's completed challenge is under way", async () => {
    const { merchant } = platform;
    const { created, view } = await challenged();
    const completion = link.next("complete", "late");
    const answered = answerChallenge(view, "complete");
    await completion.struck;
    expect(await checkoutState(created.payment_url)).toMatchObject({
      status: "processing",
      challenge_url: null,
    });
    const refused = await merchant.post(`/intents/${created.intent_id}/cancel`);
    expect([refused.status, refused.body.message]).toEqual([
      400,
      "A payment intent with status processing cannot be cancelled.",
    ]);
    completion.release();
    await answered;
    expect(await status(created.intent_id)).toBe("succeeded");
  });

  it("expires 24 hours after its creation, and tells nobody", async () => {
    const { merchant } = platform;
    const created = await merchant.createIntent();
    const { expires_at } = await merchant.intent(created.intent_id);
    await merchant.advance({ to: new Date(Date.parse(expires_at) - 5 * 60_000).toISOString() });
    const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
    expect(view.status).toBe("requires_action");
    await merchant.advance({ to: expires_at });
    expect(await status(created.intent_id)).toBe("expired");
    await answerChallenge(view, "complete");
    expect(await status(created.intent_id)).toBe("expired");
    await merchant.advance({ seconds: 86_400 });
    expect((await merchant.intent(created.intent_id)).charges).toEqual([
      expect.objectContaining({ status: "failed", failure_code: "expired" }),
    ]);
    await told(created.intent_id, []);
  });

  it("is not paid any more once its time is up, though nobody has written that down yet", async () => {
    const { merchant, running } = platform;
    const { created, view } = await challenged();
    await complete(view.challenge_url);
    const intentId = parseIntentId(created.intent_id);
    const account = await findAccount(running.platform.db, running.accountId);
    const expiresAt = parseInstant((await merchant.intent(created.intent_id)).expires_at);
    if (!intentId || !account || !expiresAt) throw new Error("The intent and its account exist.");
    // The customer's return as it would meet a worker that has fallen behind.
    await resume(running.platform, booksAt(account, expiresAt), intentId, {});
    expect(await status(created.intent_id)).toBe("requires_action");
  });
});

/** Paid with a card that wants a challenge, which is open now. */
async function challenged(number: string = CARDS.challengeThenSucceeds) {
  const created = await platform.merchant.createIntent();
  const view = await pay(created.payment_url, number);
  expect(view.status).toBe("requires_action");
  return { created, view };
}

/** The customer's answer, who then does not come back. */
async function complete(challengeUrl: string | null): Promise<void> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = { method: "POST", headers, body: "result=complete", redirect: "manual" } as const;
  expect((await fetch(challengeUrl ?? "", answer)).status).toBe(303);
}

async function status(intentId: string): Promise<string> {
  return (await platform.merchant.intent(intentId)).status;
}

async function told(intentId: string, events: readonly string[]): Promise<void> {
  await eventually(() => platform.sink.typesFor(intentId).length >= events.length);
  expect(platform.sink.typesFor(intentId)).toEqual(events);
}
