/**
 * What every processor must do, as a test suite: whoever adds one calls `describeProcessor` from its own test and thereby
 * shows that the flows can rely on it. It holds for the port's promises alone; what is peculiar to a processor stays in
 * that processor's tests.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, benchFor, type ProcessorUnderTest, RETURN_URL } from "./conformance-bench.ts";
import { describeNotifications, describeRefunds } from "./conformance-refunds.ts";

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

  test("fields of its own are set up for a visit, and what they bring can be shown without a number", async () => {
    const { processor, accountId, request, saveCard } = bench();
    const { collection } = processor;
    if (collection.by !== "own_fields") return;
    const { amount, currency, customer, saveForLater, description } = request("");
    const visit = { accountId, amount, currency, customer, saveForLater, description };
    const setUp = await collection.setUp({ ...visit, returnUrl: RETURN_URL, referenceId: "ORDER-1" });
    const from = new URL(setUp.module).origin;
    expect(collection.sources.script).toContain(from);
    const token = await saveCard("succeeds");
    const described = await collection.describe(accountId, token);
    expect(described).toMatchObject({ ok: true, value: { token } });
    if (described.ok && described.value.kind === "card") expect(described.value.last4).toMatch(/^\d{4}$/);
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
    const { processor, request, sent } = bench();
    expect(await processor.lookUp(sent(request("tok")))).toEqual({ kind: "unknown_attempt" });
    await processor.abandon(sent(request("tok"))).catch(() => undefined);
    expect(await processor.lookUp(sent(request("tok")))).toEqual({ kind: "unknown_attempt" });
  });

  test("an attempt sent again, and again at the same moment, is one payment with one answer", async () => {
    const { request, saveCard, charge } = bench();
    const attempt = request(await saveCard("succeeds"));
    const together = await Promise.all([charge(attempt), charge(attempt), charge(attempt)]);
    const after = await charge(attempt);
    expect(after.kind).toBe("succeeded");
    for (const answer of together) expect(answer).toEqual(after);
  });

  test("the truth about an attempt can be asked for without the processor's reference, by its account alone", async () => {
    const { processor, request, saveCard, charge, lookUp, sent, otherAccountId } = bench();
    const good = request(await saveCard("succeeds"));
    const bad = request(await saveCard("declined"));
    const answers = [await charge(good), await charge(bad)];
    expect(answers.map(({ kind }) => kind)).toEqual(["succeeded", "declined"]);
    expect([await lookUp(good), await lookUp(bad)]).toEqual(answers);
    const foreign = await processor.lookUp({ ...sent(good), accountId: otherAccountId });
    expect(foreign).toEqual({ kind: "unknown_attempt" });
  });

  test("an attempt key cannot be used for another amount, in another currency, nor on another card", async () => {
    const { processor, request, saveCard, charge, lookUp } = bench();
    const attempt = request(await saveCard("succeeds"));
    const first = await charge(attempt);
    await expect(processor.charge({ ...attempt, amount: attempt.amount + 1n })).rejects.toThrow();
    await expect(processor.charge({ ...attempt, currency: "EUR" })).rejects.toThrow();
    const token = await saveCard("succeeds");
    await expect(processor.charge({ ...attempt, token })).rejects.toThrow();
    expect(await lookUp(attempt)).toEqual(first);
  });

  test("a saved card is charged again without its customer, as a payment of its own", async () => {
    const { request, saveCard, charge } = bench();
    const collected = await saveCard("succeeds");
    const first = await charge(request(collected));
    const token = first.kind === "succeeded" ? (first.token ?? collected) : collected;
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
    const { challenged, complete, lookUp, passOrFail } = bench();
    const { attempt, url } = await challenged();
    const returned = await passOrFail(url, "complete");
    expect((await lookUp(attempt)).kind).toBe("challenge");
    const again = () => complete(attempt, returned);
    const together = await Promise.all([again(), again(), again()]);
    const truth = await lookUp(attempt);
    expect(truth.kind).toBe("succeeded");
    for (const answer of [...together, await again()]) expect(answer).toEqual(truth);
  });

  test("failing a challenge declines the attempt for good", async () => {
    const { challenged, complete, lookUp, passOrFail, answerChallenge } = bench();
    const { attempt, url } = await challenged();
    const returned = await passOrFail(url, "fail");
    const answer = await complete(attempt, returned);
    expect(answer).toMatchObject({ kind: "declined", reason: "authentication_failed" });
    await answerChallenge(url, "complete").catch(() => undefined);
    expect(await complete(attempt, returned)).toEqual(answer);
    expect(await lookUp(attempt)).toEqual(answer);
  });
}

function describeAbandoning(bench: () => Bench): void {
  test("an attempt that was given up never succeeds, whatever the customer does afterwards", async () => {
    const { processor, challenged, complete, lookUp, sent, passOrFail } = bench();
    const { attempt, url } = await challenged();
    await processor.abandon(sent(attempt));
    await processor.abandon(sent(attempt));
    const returned = await passOrFail(url, "complete").catch(() => ({}));
    expect((await complete(attempt, returned)).kind).toBe("declined");
    expect((await lookUp(attempt)).kind).toBe("declined");
  });

  test("giving up after the challenge was passed, but before it was completed, moves no money either", async () => {
    const { processor, challenged, complete, lookUp, sent, passOrFail } = bench();
    const { attempt, url } = await challenged();
    const returned = await passOrFail(url, "complete");
    await processor.abandon(sent(attempt));
    expect((await complete(attempt, returned)).kind).toBe("declined");
    expect((await lookUp(attempt)).kind).toBe("declined");
  });

  test("giving up what has succeeded changes nothing", async () => {
    const { processor, request, saveCard, charge, lookUp, sent } = bench();
    const attempt = request(await saveCard("succeeds"));
    const first = await charge(attempt);
    await processor.abandon(sent(attempt)).catch(() => undefined);
    expect(await lookUp(attempt)).toEqual(first);
  });
}
