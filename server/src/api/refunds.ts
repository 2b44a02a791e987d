/** Refunds: POST /api/platform/intents/{id}/refunds and GET /api/platform/refunds/{id} (contract section 6). */

import { minorDigits } from "@mintro/contract/currencies";
import { type Decimal, decimalToMinor } from "@mintro/contract/decimal";
import { validate } from "@mintro/contract/laravel-rules";
import { OPERATIONS } from "@mintro/contract/operations/all";
import type { FastifyInstance } from "fastify";
import { fail, ok, type Result } from "../base/result.ts";
import { type ChargeId, parseIntentId, parseRefundId } from "../domain/ids.ts";
import type { Intent } from "../domain/intent.ts";
import { formatMinor } from "../domain/money.ts";
import type { Platform } from "../flows/platform.ts";
import { createRefund, type RefundCommand, type RefundFailure } from "../flows/refunds/create.ts";
import { findRefund } from "../store/refunds.ts";
import { type Answer, commandAnswer, failureAnswer, success, successBody } from "./answer.ts";
import { presentRefund } from "./present.ts";
import { type ApiRequest, addRoute } from "./request.ts";

export function refundRoutes(app: FastifyInstance, platform: Platform): void {
  addRoute(app, platform, OPERATIONS.createRefund, (request) => create(platform, request));
  addRoute(app, platform, OPERATIONS.getRefund, async ({ books, params }) => {
    const id = parseRefundId(params["id"] ?? "");
    const found = id && (await findRefund(platform.db, books.account.accountId, id));
    return found ? success(presentRefund(found)) : failureAnswer({ kind: "refund_not_found" });
  });
}

async function create(platform: Platform, { books, params, body, keyed }: ApiRequest): Promise<Answer> {
  const intentId = parseIntentId(params["id"] ?? "");
  if (!intentId) return failureAnswer({ kind: "intent_not_found" });
  const read = validate(OPERATIONS.createRefund.body, body);
  if (!read.ok) return failureAnswer({ kind: "invalid", errors: read.errors });
  const { amount, charge_id, reason } = read.value;
  const command: RefundCommand = {
    intentId,
    chargeId: charge_id === null ? null : (BigInt(charge_id) as ChargeId),
    amount: (intent) => (amount === null ? ok(null) : minorOf(amount, intent)),
    reason,
    keyed,
    present: (refund) => successBody(presentRefund(refund)),
  };
  const show = (minor: bigint, intent: Intent) => formatMinor(minor, intent.facts.currency);
  return commandAnswer(await createRefund(platform, books, command, show));
}

/** In the intent's currency, which the request does not name. */
function minorOf(amount: Decimal, intent: Intent): Result<bigint, RefundFailure> {
  const converted = decimalToMinor(amount, minorDigits(intent.facts.currency));
  return "minor" in converted ? ok(converted.minor) : fail({ kind: "refund_decimals" });
}
