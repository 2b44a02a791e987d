import type { CheckoutView } from "@mintro/contract/checkout";
import { describe, expect, test } from "vitest";
import { type Happening, happeningsBetween, happeningsOnLoad, parentEvent } from "./events.ts";
import { MESSAGES } from "./messages/index.ts";
import { VIEW } from "./sample.ts";

const DECLINED: CheckoutView = { ...VIEW, last_failure: { charge_id: 7, reason: "insufficient_funds" } };

function tell(happening: Happening) {
  return parentEvent(happening, VIEW, MESSAGES.en.app, "en");
}

describe("the payloads are the document's, field for field", () => {
  const about = { message: expect.any(String), intent_id: VIEW.intent_id, client_reference_id: "ORDER-1" };

  test("payment.started", () => {
    expect(tell({ kind: "started" })).toStrictEqual({ event: "payment.started", ...about });
  });

  test("payment.success", () => {
    expect(tell({ kind: "succeeded" })).toStrictEqual({
      event: "payment.success",
      ...about,
      status: "succeeded",
    });
  });

  test("payment.failed, with the reason", () => {
    const failed = { event: "payment.failed", ...about, status: "failed" };
    expect(tell({ kind: "declined", reason: "insufficient_funds" })).toStrictEqual({
      ...failed,
      message: MESSAGES.en.app.declines.insufficient_funds,
    });
    expect(tell({ kind: "failed" })).toStrictEqual(failed);
  });

  test("payment.canceled", () => {
    expect(tell({ kind: "canceled" })).toStrictEqual({
      event: "payment.canceled",
      ...about,
      status: "canceled",
    });
  });

  test("error", () => {
    for (const kind of ["expired", "connection_lost", "payment_lost", "too_many", "busy"] as const) {
      expect(tell({ kind })).toStrictEqual({ event: "error", type: "error", message: expect.any(String) });
    }
  });

  test("error of a refused card says what is wrong, in the order of the page and with no gaps in the text", () => {
    const event = tell({ kind: "refused", errors: { name: "required", number: "not_a_test_card" } });
    expect(event.message).toMatch(
      /^This is a test payment\. Use a test card, such as 4242.* Enter the name on the card\.$/,
    );
    expect(event.message).not.toContain("{");
  });

  test("error of the processor's own fields says what they say, or that something is wrong", () => {
    const error = { event: "error", type: "error" };
    expect(tell({ kind: "refused_by_fields", text: "Diese Karte nicht." })).toStrictEqual({
      ...error,
      message: "Diese Karte nicht.",
    });
    expect(tell({ kind: "refused_by_fields", text: null })).toStrictEqual({
      ...error,
      message: "Check your payment details.",
    });
  });

  test("a reason that a field has no words for is told as invalid", () => {
    expect(tell({ kind: "refused", errors: { cvc: "expired" } }).message).toBe(
      MESSAGES.en.app.errors.cvc.invalid,
    );
  });
});

describe("on load", () => {
  test.each([
    ["requires_payment", [{ kind: "started" }]],
    ["succeeded", [{ kind: "succeeded" }]],
    ["cancelled", [{ kind: "canceled" }]],
    ["expired", [{ kind: "expired" }]],
    ["failed", [{ kind: "failed" }]],
    ["processing", []],
    ["requires_action", []],
  ] as const)("%s tells %j", (status, happenings) => {
    expect(happeningsOnLoad({ ...VIEW, status }, false)).toEqual(happenings);
  });

  test("a payable intent that was declined before has only started anew", () => {
    expect(happeningsOnLoad(DECLINED, false)).toEqual([{ kind: "started" }]);
  });

  test("back from a failed challenge, the attempt has failed and nothing has started anew", () => {
    expect(happeningsOnLoad(DECLINED, true)).toEqual([{ kind: "declined", reason: "insufficient_funds" }]);
    expect(happeningsOnLoad(VIEW, true)).toEqual([{ kind: "started" }]);
  });
});

describe("between two views", () => {
  test("a declined attempt is told once, by its charge", () => {
    const again: CheckoutView = { ...VIEW, last_failure: { charge_id: 8, reason: "insufficient_funds" } };
    expect(happeningsBetween(VIEW, DECLINED)).toHaveLength(1);
    expect(happeningsBetween(DECLINED, DECLINED)).toEqual([]);
    expect(happeningsBetween(DECLINED, again)).toHaveLength(1);
  });

  test("the attempt that ends the intent is told once", () => {
    expect(happeningsBetween(VIEW, { ...DECLINED, status: "failed" })).toEqual([
      { kind: "declined", reason: "insufficient_funds" },
    ]);
    expect(happeningsBetween(VIEW, { ...VIEW, status: "failed" })).toEqual([{ kind: "failed" }]);
  });

  test("every ending is told, and a wait is not", () => {
    expect(happeningsBetween(VIEW, { ...VIEW, status: "succeeded" })).toEqual([{ kind: "succeeded" }]);
    expect(happeningsBetween(VIEW, { ...VIEW, status: "cancelled" })).toEqual([{ kind: "canceled" }]);
    expect(happeningsBetween(VIEW, { ...VIEW, status: "expired" })).toEqual([{ kind: "expired" }]);
    expect(happeningsBetween(VIEW, { ...VIEW, status: "processing" })).toEqual([]);
    expect(happeningsBetween(VIEW, { ...VIEW, status: "requires_action" })).toEqual([]);
  });
});
