/** Names that were mistyped, and ones that are simply others. */
import { EVENT_TYPES } from "@mintro/contract/vocabulary";
import { expect, it } from "vitest";
import { nearest } from "./nearest.ts";

it.each([
  ["payment.suceeded", "payment.succeeded"],
  ["payment.success", "payment.succeeded"],
  ["payment.cancelled", "payment.canceled"],
  ["Payment_Failed", "payment.failed"],
  ["subscription.cancelled", "subscription.canceled"],
  ["refund.fail", "refund.failed"],
  ["payment.exploded", null],
  ["invoice.paid", null],
  ["", null],
])("%j means %j", (text, meant) => {
  expect(nearest(text, [...EVENT_TYPES])).toBe(meant);
});
