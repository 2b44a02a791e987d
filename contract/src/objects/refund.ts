/** Refunds, as answers show them (contract section 6). */
import { z } from "zod";
import { REFUND_STATUSES } from "../vocabulary.ts";
import { EXAMPLE } from "./examples.ts";
import { chargeId, currency, id, instant, money, said } from "./said.ts";

export const Refund = z
  .strictObject({
    refund_id: id("re_", "The refund.", EXAMPLE.refund),
    intent_id: id("pi_", "The intent whose charge it gives back.", EXAMPLE.intent),
    charge_id: chargeId("The charge that it gives back."),
    status: said(
      z.enum(REFUND_STATUSES),
      "`pending`: the processor is being asked. `succeeded`: the money is on its way back. `failed`: it was refused, and its amount is free to be refunded again.",
      "pending",
    ),
    amount: money("How much goes back.", "5.00"),
    currency: currency(),
    reason: said(
      z.string().nullable(),
      "Why, as you gave it. `late_success` where the platform refunded by itself.",
      "damaged",
    ),
    failure_message: said(z.string().nullable(), "Why it failed; null if it did not.", null),
    created_at: instant("When it was asked for.", "2026-11-23T04:23:27.289539Z"),
  })
  .meta({ id: "Refund", description: "Money that goes back." });
