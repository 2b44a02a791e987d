/** The part of the conformance suite that is about refunds, and about the processor's own calls. */
import { expect, test } from "vitest";
import type { Bench } from "./conformance-bench.ts";
import type { AttemptRequest, Notification, RefundRequest } from "./processor.ts";

export function describeRefunds(bench: () => Bench): void {
  const paid = async (): Promise<AttemptRequest> => {
    const { request, saveCard, charge } = bench();
    const attempt = request(await saveCard("succeeds"));
    expect((await charge(attempt)).kind).toBe("succeeded");
    return attempt;
  };
  const refundOf = ({ accountId, attemptKey, currency }: AttemptRequest, amount: bigint): RefundRequest => ({
    accountId,
    attemptKey,
    processorRef: null,
    refundKey: bench().newAttemptKey(),
    refundRef: null,
    amount,
    currency,
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

  test("a refund key cannot be used for another amount, and is its account's alone", async () => {
    const { processor, otherAccountId } = bench();
    const request = refundOf(await paid(), 5_000n);
    const first = await processor.refund(request);
    await expect(processor.refund({ ...request, amount: 1n })).rejects.toThrow();
    expect(await processor.lookUpRefund(request)).toEqual(first);
    const foreign = await processor
      .lookUpRefund({ ...request, accountId: otherAccountId })
      .catch(() => ({ kind: "unknown_refund" }));
    expect(foreign).toEqual({ kind: "unknown_refund" });
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

export function describeNotifications(bench: () => Bench): void {
  const news = (): Notification[] => {
    const { accountId, newAttemptKey } = bench();
    return [
      { accountId, about: { kind: "attempt", attemptKey: newAttemptKey() } },
      { accountId, about: { kind: "refund", refundKey: newAttemptKey() } },
    ];
  };

  test("a notification that is not the processor's own is refused with a sentence", async () => {
    const { processor } = bench();
    for (const body of ["", "{}", '{"type":"payment.succeeded"}', "\0not json"]) {
      const read = await processor.readNotification({
        accountId: null,
        headers: {},
        body: Buffer.from(body),
      });
      expect(read.ok).toBe(false);
      if (!read.ok) expect(read.failure).toMatch(/\w.*\.$/);
    }
  });

  test("its own notification says which attempt, or which refund, there is news of", async () => {
    const { processor, notify } = bench();
    for (const one of news()) {
      expect(await processor.readNotification(await notify(one))).toEqual({ ok: true, value: one });
    }
  });

  test("a notification that was changed on the way is refused", async () => {
    const { processor, notify } = bench();
    const [one, other] = news();
    if (!one || !other) throw new Error("There is news.");
    const [call, another] = [await notify(one), await notify(other)];
    const swapped = { ...call, body: another.body };
    expect((await processor.readNotification(swapped)).ok).toBe(false);
  });

  test("what is its own, but not for the platform, is taken and passed over", async () => {
    const { processor, notify } = bench();
    expect(await processor.readNotification(await notify("something else"))).toEqual({
      ok: true,
      value: null,
    });
  });
}
