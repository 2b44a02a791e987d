/**
 * Payments as the sandbox makes them. An attempt key stands for one payment for ever: sent again, it is answered with
 * where that payment stands, and money moves at most once. Every function here ends with its row committed, so an
 * answer that is lost on the way can be asked for again.
 */
import { unreachable } from "../../base/assert.ts";
import type { World } from "../../base/world.ts";
import type { Outcome } from "../../domain/settlement.ts";
import type { AttemptRef, AttemptRequest } from "../processor.ts";
import * as books from "./books.ts";
import { judgeCharge, judgeMoney } from "./cards.ts";
import { newPaymentRef } from "./references.ts";

export type Desk = { readonly db: books.BooksDb; readonly world: World; readonly publicUrl: string };

/**
 * Makes the payment of an attempt key, or finds it. Throws, as a real processor refuses, for a token it does not know
 * and for a key that was used with another amount, currency or token.
 */
export async function charge(desk: Desk, request: AttemptRequest): Promise<Outcome> {
  const { accountId, attemptKey, token, offSession, currency, amount, description } = request;
  const payment = await desk.db.transaction(async (tx): Promise<books.Payment> => {
    const method = await books.lockMethod(tx, accountId, token);
    if (!method) throw new Error("The sandbox knows no card under this token.");
    const earlier = await books.findPayment(tx, accountId, attemptKey);
    if (earlier) return refuseOtherUse(earlier, request);
    const verdict = judgeCharge(method, offSession);
    const made: books.Payment = {
      accountId,
      attemptKey,
      token,
      offSession,
      currency,
      amount,
      description,
      paymentRef: newPaymentRef(accountId, desk.world),
      state: verdict.status === "challenge_open" ? { ...verdict, returnUrl: wayBack(request) } : verdict,
    };
    if (!(await books.insertPayment(tx, made, desk.world.now()))) throw keyReused();
    if (verdict.status === "succeeded") await books.countSuccess(tx, method);
    return made;
  });
  return answerFor(desk, payment);
}

function refuseOtherUse(earlier: books.Payment, request: AttemptRequest): books.Payment {
  const same =
    earlier.amount === request.amount &&
    earlier.currency === request.currency &&
    earlier.token === request.token;
  if (!same) throw keyReused();
  return earlier;
}

function keyReused(): Error {
  return new Error("This attempt key was used for another payment: the amount, currency or token differs.");
}

function wayBack(request: AttemptRequest): string {
  if (request.returnUrl === null)
    throw new Error("A challenge needs an address to send the customer back to.");
  return request.returnUrl;
}

/** Moves the money of an attempt whose challenge was passed, or refuses to; in any other state only says which. */
export async function complete(desk: Desk, attempt: AttemptRef): Promise<Outcome> {
  const { accountId, attemptKey } = attempt;
  const payment = await desk.db.transaction(async (tx): Promise<books.Payment> => {
    const found = await mustFind(tx, attempt);
    if (found.state.status !== "challenge_passed") return found;
    const method = await books.lockMethod(tx, accountId, found.token);
    if (!method) throw new Error("The sandbox keeps the card of every payment.");
    const verdict = judgeMoney(method);
    const moved = await books.moveOn(tx, found, ["challenge_passed"], verdict, desk.world.now());
    // Somebody was first: another completion, or the platform gave the attempt up. Both are final.
    if (!moved) return mustFind(tx, { accountId, attemptKey });
    if (verdict.status === "succeeded") await books.countSuccess(tx, method);
    return { ...found, state: verdict };
  });
  return answerFor(desk, payment);
}

async function mustFind(
  tx: books.Queryable,
  { accountId, attemptKey }: Pick<AttemptRef, "accountId" | "attemptKey">,
): Promise<books.Payment> {
  const found = await books.findPayment(tx, accountId, attemptKey);
  if (!found) throw new Error("The sandbox knows no payment under this attempt key.");
  return found;
}

/** Where an attempt stands; `unknown_attempt` where it has not arrived, so far. */
export async function lookUp(
  desk: Desk,
  { accountId, attemptKey }: AttemptRef,
): Promise<Outcome | { readonly kind: "unknown_attempt" }> {
  const payment = await books.findPayment(desk.db, accountId, attemptKey);
  return payment ? answerFor(desk, payment) : { kind: "unknown_attempt" };
}

/** Voids an attempt whose challenge was not completed, for good. One that is decided, or never arrived, is left as it is. */
export async function abandon(desk: Desk, { accountId, attemptKey }: AttemptRef): Promise<void> {
  const payment = await books.findPayment(desk.db, accountId, attemptKey);
  if (!payment) return;
  const undecided = ["challenge_open", "challenge_passed"] as const;
  await books.moveOn(desk.db, payment, undecided, { status: "voided" }, desk.world.now());
}

function answerFor(desk: Desk, { paymentRef, state }: books.Payment): Outcome {
  switch (state.status) {
    case "succeeded":
      return { kind: "succeeded", processorRef: paymentRef };
    case "declined":
      return { kind: "declined", reason: state.reason, processorRef: paymentRef };
    case "voided":
      return { kind: "declined", reason: "authentication_abandoned", processorRef: paymentRef };
    case "challenge_open":
    case "challenge_passed":
      // Passing a challenge moves nothing: the platform has yet to say that the payment goes on.
      return {
        kind: "challenge",
        processorRef: paymentRef,
        url: `${desk.publicUrl}/sandbox/challenges/${paymentRef}`,
      };
    default:
      return unreachable(state);
  }
}
