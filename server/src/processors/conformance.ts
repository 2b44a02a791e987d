/**
 * What every processor must do, as a test suite: whoever adds one calls `describeProcessor` from its own test and thereby
 * shows that the flows can rely on it. It holds for the port's promises alone; what is peculiar to a processor stays in
 * that processor's tests.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AccountId, AttemptKey } from "../domain/ids.ts";
import type { Outcome } from "../domain/settlement.ts";
import type { AttemptRef, AttemptRequest, LookUpAnswer, Processor, RefundRequest } from "./processor.ts";

/** A processor against its test environment, and what the suite needs around it. */
export type ProcessorUnderTest = {
  readonly processor: Processor;
  readonly accountId: AccountId;
  /** Another merchant's account, which must see nothing of the first one's attempts. */
  readonly otherAccountId: AccountId;
  readonly newAttemptKey: () => AttemptKey;
  /** A token of the first account for a fresh card: one that is charged, is declined, or asks its customer to authenticate. */
  readonly saveCard: (kind: "succeeds" | "declined" | "challenge") => Promise<string>;
  /** Does at a challenge's address what the customer does there. */
  readonly answerChallenge: (url: string, answer: "complete" | "fail") => Promise<void>;
  /** The pause between two look-ups of an attempt that is pending. */
  readonly pause: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Bench = ProcessorUnderTest & {
  readonly request: (token: string, change?: Partial<AttemptRequest>) => AttemptRequest;
  /** Waits for what is pending. */
  readonly known: (answer: LookUpAnswer, attempt: AttemptRequest) => Promise<Outcome>;
  readonly charge: (attempt: AttemptRequest) => Promise<Outcome>;
  readonly complete: (attempt: AttemptRequest) => Promise<Outcome>;
  readonly lookUp: (attempt: AttemptRequest) => Promise<Outcome>;
  /** An attempt whose challenge is open. */
  readonly challenged: () => Promise<{ readonly attempt: AttemptRequest; readonly url: string }>;
};

const LOOK_UPS_MAX = 60;

/** Declares the suite. `make` is called once; what it made is closed at the end. */
export function describeProcessor(name: string, make: () => Promise<ProcessorUnderTest>): void {
  describe(`${name} keeps the promises of a processor`, () => {
    let made: Bench | undefined;
    beforeAll(async () => {
      made = benchFor(await make());
    });
    afterAll(() => made?.close());
    const bench = (): Bench => {
      if (!made) throw new Error("The processor under test was not made.");
      return made;
    };
    describeCollection(bench);
    describeCharges(bench);
    describeChallenges(bench);
    describeAbandoning(bench);
    describeRefunds(bench);
    describeNotifications(bench);
  });
}

function benchFor(under: ProcessorUnderTest): Bench {
  const { processor, accountId } = under;
  const bench: Bench = {
    ...under,
    request: (token, change = {}) => ({
      accountId,
      attemptKey: under.newAttemptKey(),
      amount: 8_000n,
      currency: "USD",
      token,
      offSession: false,
      saveForLater: true,
      returnUrl: "https://merchant.test/back",
      description: "Order 1",
      ...change,
    }),
    async known(answer, attempt) {
      let latest: LookUpAnswer = answer;
      for (let lookUps = 0; latest.kind === "pending" && lookUps < LOOK_UPS_MAX; lookUps++) {
        await under.pause();
        latest = await processor.lookUp(refTo(attempt));
      }
      if (latest.kind === "pending" || latest.kind === "unknown_attempt")
        throw new Error(`Still ${latest.kind}.`);
      return latest;
    },
    charge: async (attempt) => bench.known(await processor.charge(attempt), attempt),
    complete: async (attempt) => bench.known(await processor.complete(refTo(attempt)), attempt),
    lookUp: async (attempt) => bench.known(await processor.lookUp(refTo(attempt)), attempt),
    async challenged() {
      const attempt = bench.request(await under.saveCard("challenge"));
      const outcome = await bench.charge(attempt);
      if (outcome.kind !== "challenge") throw new Error(`Expected a challenge, not ${outcome.kind}.`);
      return { attempt, url: outcome.url };
    },
  };
  return bench;
}

/** As the flows call it after a lost answer: with our key alone. */
function refTo({ accountId, attemptKey }: AttemptRequest): AttemptRef {
  return { accountId, attemptKey, processorRef: null };
}

function describeCollection(bench: () => Bench): void {
  test("a card that cannot be one is refused by field, without a charge", async () => {
    const { processor, accountId } = bench();
    const { collection } = processor;
    const refused =
      collection.by === "our_form"
        ? await collection.saveCard(accountId, { name: " ", number: "", expiry: " ", cvc: "" })
        : await collection.describe(accountId, "no-such-token");
    expect(refused.ok).toBe(false);
    if (!refused.ok) expect(Object.keys(refused.failure)).not.toEqual([]);
  });

  test("a saved card serves its own account alone", async () => {
    const { processor, request, saveCard, otherAccountId } = bench();
    const stolen = request(await saveCard("succeeds"), { accountId: otherAccountId });
    const answer = await processor.charge(stolen).catch(() => "refused");
    expect(answer === "refused" || (typeof answer === "object" && answer.kind === "declined")).toBe(true);
  });
}

function describeCharges(bench: () => Bench): void {
  test("an attempt that never arrived is unknown", async () => {
    const { processor, request } = bench();
    expect(await processor.lookUp(refTo(request("tok")))).toEqual({ kind: "unknown_attempt" });
  });

  test("an attempt sent again, and again at the same moment, is one payment with one answer", async () => {
    const { request, saveCard, charge } = bench();
    const attempt = request(await saveCard("succeeds"));
    const together = await Promise.all([charge(attempt), charge(attempt), charge(attempt)]);
    const after = await charge(attempt);
    expect(after.kind).toBe("succeeded");
    for (const answer of together) expect(answer).toEqual(after);
  });

  test("the truth about an attempt can be asked for with its key alone, by its account alone", async () => {
    const { processor, request, saveCard, charge, lookUp, otherAccountId } = bench();
    const good = request(await saveCard("succeeds"));
    const bad = request(await saveCard("declined"));
    const answers = [await charge(good), await charge(bad)];
    expect(answers.map(({ kind }) => kind)).toEqual(["succeeded", "declined"]);
    expect([await lookUp(good), await lookUp(bad)]).toEqual(answers);
    const foreign = await processor.lookUp({ ...refTo(good), accountId: otherAccountId });
    expect(foreign).toEqual({ kind: "unknown_attempt" });
  });

  test("an attempt key cannot be used for another amount, nor in another currency", async () => {
    const { processor, request, saveCard, charge, lookUp } = bench();
    const attempt = request(await saveCard("succeeds"));
    const first = await charge(attempt);
    await expect(processor.charge({ ...attempt, amount: attempt.amount + 1n })).rejects.toThrow();
    await expect(processor.charge({ ...attempt, currency: "EUR" })).rejects.toThrow();
    expect(await lookUp(attempt)).toEqual(first);
  });

  test("a saved card is charged again without its customer, as a payment of its own", async () => {
    const { request, saveCard, charge } = bench();
    const token = await saveCard("succeeds");
    const first = await charge(request(token));
    const renewal = await charge(request(token, { offSession: true, returnUrl: null }));
    expect([first.kind, renewal.kind]).toEqual(["succeeded", "succeeded"]);
    expect(renewal.processorRef).not.toBe(first.processorRef);
  });

  test("completing an attempt that met no challenge tells where it stands", async () => {
    const { request, saveCard, charge, complete } = bench();
    const attempt = request(await saveCard("succeeds"));
    const first = await charge(attempt);
    expect(await complete(attempt)).toEqual(first);
  });
}

function describeChallenges(bench: () => Bench): void {
  test("a challenge that is open, however often completed, moves nothing and stays the same challenge", async () => {
    const { challenged, complete, lookUp, charge } = bench();
    const { attempt, url } = await challenged();
    for (const ask of [complete, lookUp, charge]) {
      expect(await ask(attempt)).toMatchObject({ kind: "challenge", url });
    }
  });

  test("passing a challenge moves nothing until the attempt is completed, and then once", async () => {
    const { challenged, complete, lookUp, answerChallenge } = bench();
    const { attempt, url } = await challenged();
    await answerChallenge(url, "complete");
    expect((await lookUp(attempt)).kind).toBe("challenge");
    const together = await Promise.all([complete(attempt), complete(attempt), complete(attempt)]);
    const truth = await lookUp(attempt);
    expect(truth.kind).toBe("succeeded");
    for (const answer of [...together, await complete(attempt)]) expect(answer).toEqual(truth);
  });

  test("failing a challenge declines the attempt for good", async () => {
    const { challenged, complete, lookUp, answerChallenge } = bench();
    const { attempt, url } = await challenged();
    await answerChallenge(url, "fail");
    const answer = await complete(attempt);
    expect(answer).toMatchObject({ kind: "declined", reason: "authentication_failed" });
    await answerChallenge(url, "complete").catch(() => undefined);
    expect(await complete(attempt)).toEqual(answer);
    expect(await lookUp(attempt)).toEqual(answer);
  });
}

function describeAbandoning(bench: () => Bench): void {
  test("an attempt that was given up never succeeds, whatever the customer does afterwards", async () => {
    const { processor, challenged, complete, lookUp, answerChallenge } = bench();
    const { attempt, url } = await challenged();
    await processor.abandon(refTo(attempt));
    await processor.abandon(refTo(attempt));
    await answerChallenge(url, "complete").catch(() => undefined);
    expect((await complete(attempt)).kind).toBe("declined");
    expect((await lookUp(attempt)).kind).toBe("declined");
  });

  test("giving up after the challenge was passed, but before it was completed, moves no money either", async () => {
    const { processor, challenged, complete, lookUp, answerChallenge } = bench();
    const { attempt, url } = await challenged();
    await answerChallenge(url, "complete");
    await processor.abandon(refTo(attempt));
    expect((await complete(attempt)).kind).toBe("declined");
    expect((await lookUp(attempt)).kind).toBe("declined");
  });

  test("giving up what has succeeded changes nothing", async () => {
    const { processor, request, saveCard, charge, lookUp } = bench();
    const attempt = request(await saveCard("succeeds"));
    const first = await charge(attempt);
    await processor.abandon(refTo(attempt)).catch(() => undefined);
    expect(await lookUp(attempt)).toEqual(first);
  });
}

function describeRefunds(bench: () => Bench): void {
  const paid = async (): Promise<AttemptRequest> => {
    const { request, saveCard, charge } = bench();
    const attempt = request(await saveCard("succeeds"));
    expect((await charge(attempt)).kind).toBe("succeeded");
    return attempt;
  };
  const refundOf = (attempt: AttemptRequest, amount: bigint): RefundRequest => ({
    ...refTo(attempt),
    refundKey: bench().newAttemptKey(),
    amount,
    currency: attempt.currency,
  });

  test("a refund that never arrived is unknown", async () => {
    const { processor } = bench();
    expect(await processor.lookUpRefund(refundOf(await paid(), 1n))).toEqual({ kind: "unknown_refund" });
  });

  test("a refund sent again, and again at the same moment, is one refund with one answer", async () => {
    const { processor } = bench();
    const request = refundOf(await paid(), 5_000n);
    const together = await Promise.all([processor.refund(request), processor.refund(request)]);
    const after = await processor.refund(request);
    expect(after.kind).not.toBe("failed");
    for (const answer of together) expect(answer).toEqual(after);
    expect(await processor.lookUpRefund(request)).toEqual(after);
  });

  test("refunds together, also at the same moment, never exceed their payment", async () => {
    const { processor } = bench();
    const attempt = await paid();
    const parts = [3_000n, 3_000n, 3_000n, 3_000n].map((amount) => refundOf(attempt, amount));
    const answers = await Promise.all(parts.map((part) => processor.refund(part)));
    expect(answers.filter(({ kind }) => kind !== "failed")).toHaveLength(2);
    expect((await processor.refund(refundOf(attempt, 2_000n))).kind).not.toBe("failed");
    expect((await processor.refund(refundOf(attempt, 1n))).kind).toBe("failed");
  });

  test("what has not succeeded cannot be refunded", async () => {
    const { processor, request, saveCard, charge } = bench();
    const attempt = request(await saveCard("declined"));
    await charge(attempt);
    const answer = await processor.refund(refundOf(attempt, 1_000n)).catch(() => ({ kind: "refused" }));
    expect(["failed", "refused"]).toContain(answer.kind);
  });
}

function describeNotifications(bench: () => Bench): void {
  test("a notification that is not the processor's own is refused with a sentence", async () => {
    const { processor } = bench();
    for (const body of ["", "{}", '{"type":"payment.succeeded"}', "\0not json"]) {
      const read = await processor.readNotification({}, Buffer.from(body));
      expect(read.ok).toBe(false);
      if (!read.ok) expect(read.failure).toMatch(/\w.*\.$/);
    }
  });
}
