/**
 * Finds out what became of an attempt: its answer was lost, is still to come, or its challenge was left alone. Always
 * look up before sending again, and send again only the very same attempt: so a lost answer never charges twice.
 */
import { plusMs } from "../../base/instant.ts";
import { WORKER } from "../../base/limits.ts";
import type { Books } from "../../domain/account.ts";
import {
  type ChallengedCharge,
  type FailedCharge,
  FIRST_LOOK_UP_MS,
  isNoLongerOnItsWay,
  nextLookUpAt,
  type PendingCharge,
  voided,
} from "../../domain/charge.ts";
import type { Withdrawn } from "../../domain/settlement.ts";
import type { AttemptAnswer } from "../../processors/processor.ts";
import { compareAndSetCharge, type DueCharge, leaseCharge, postponeLookUp } from "../../store/charges.ts";
import { findIntent } from "../../store/intents.ts";
import { findSubscription } from "../../store/subscriptions.ts";
import type { Platform } from "../platform.ts";
import { ask, type Lost, sentAttempt } from "./attempt.ts";
import { settleOrPostpone } from "./pay.ts";
import { giveUp, settle } from "./settle.ts";

/** False: another worker has it, or it is settled. */
export async function reconcile(platform: Platform, books: Books, due: DueCharge): Promise<boolean> {
  const wall = platform.world.now();
  const charge = await leaseCharge(platform.db, due, { wall, until: plusMs(wall, WORKER.leaseMs) });
  switch (charge?.status) {
    case undefined:
    case "succeeded":
    case "late":
      return false;
    case "failed":
      await makeSureItIsVoid(platform, books, charge);
      return true;
    case "pending":
      await settleOrPostpone(platform, books, charge, await findOut(platform, books, charge));
      return true;
    case "requires_action":
      await endChallenge(platform, books, charge);
      return true;
  }
}

async function findOut(
  platform: Platform,
  books: Books,
  charge: PendingCharge,
): Promise<AttemptAnswer | Lost | Withdrawn> {
  const processor = platform.processors.named(charge.facts.processor);
  const attempt = await sentAttempt(platform, books.account, charge);
  const found = await ask(platform, charge.facts, "a look-up", () => processor.lookUp(attempt));
  if (found.kind === "unknown_attempt") {
    if (await isCancelled(platform, charge)) {
      return isNoLongerOnItsWay(charge) ? { kind: "withdrawn" } : { kind: "lost" };
    }
    const intent = await findIntent(platform.db, charge.facts.accountId, charge.facts.intentId);
    if (!intent) throw new Error("Assertion failed: a charge has its intent");
    // Whoever paid is long gone, and must not be charged out of the blue: the attempt fails, and the intent expires.
    if (charge.facts.cycle === 0 && books.now() >= intent.facts.expiresAt) {
      return isNoLongerOnItsWay(charge)
        ? { kind: "declined", reason: "processing_error", processorRef: null }
        : { kind: "lost" };
    }
    return await ask(platform, charge.facts, "a repeated charge", () => processor.charge(attempt));
  }
  if (found.kind === "challenge" && charge.returned) {
    return await ask(platform, charge.facts, "a repeated completion", () => processor.complete(attempt));
  }
  return found;
}

/** A renewal whose subscription was cancelled: what has not reached the processor is not sent any more (contract section 4). */
async function isCancelled(platform: Platform, { facts }: PendingCharge): Promise<boolean> {
  if (facts.subscriptionId === null) return false;
  const subscription = await findSubscription(platform.db, facts.accountId, facts.subscriptionId);
  return subscription?.status === "cancelled";
}

/** The 15 minutes for a challenge are over. Should the money have moved all the same, the processor's word counts. */
async function endChallenge(platform: Platform, books: Books, charge: ChallengedCharge): Promise<void> {
  const processor = platform.processors.named(charge.facts.processor);
  const attempt = await sentAttempt(platform, books.account, charge);
  await ask(platform, charge.facts, "giving up a challenge", () => processor.abandon(attempt));
  const found = await ask(platform, charge.facts, "a look-up", () => processor.lookUp(attempt));
  if (found.kind === "lost" || found.kind === "pending") {
    const lookUpAt = plusMs(books.now(), FIRST_LOOK_UP_MS);
    await postponeLookUp(platform.db, charge, { lookUpAt, lookUps: 0, processorRef: null });
    return;
  }
  if (found.kind === "succeeded") {
    await settle(platform, books, charge, found);
    return;
  }
  await platform.db.transaction(async (tx) => {
    const intent = await findIntent(tx, charge.facts.accountId, charge.facts.intentId);
    if (intent?.status !== "requires_action" || intent.chargeId !== charge.facts.chargeId) return; // just answered
    await giveUp(platform, tx, charge, intent, "abandoned", books.now());
  });
  platform.wake();
}

/**
 * A challenge was given up with its intent, and the processor told to void it. It is asked until it confirms: a completion that
 * was on its way before may have moved the money, which then goes back.
 */
async function makeSureItIsVoid(platform: Platform, books: Books, charge: FailedCharge): Promise<void> {
  const processor = platform.processors.named(charge.facts.processor);
  const attempt = await sentAttempt(platform, books.account, charge);
  await ask(platform, charge.facts, "giving up a challenge", () => processor.abandon(attempt));
  const found = await ask(platform, charge.facts, "a look-up", () => processor.lookUp(attempt));
  switch (found.kind) {
    case "succeeded":
      await settle(platform, books, charge, found);
      return;
    case "declined":
    case "unknown_attempt":
      await platform.db.transaction((tx) => compareAndSetCharge(tx, charge, voided(charge)));
      return;
    case "lost":
    case "pending":
    case "challenge":
      await postponeLookUp(platform.db, charge, {
        lookUpAt: nextLookUpAt(books.now(), charge.lookUps),
        lookUps: charge.lookUps + 1,
        processorRef: null,
      });
  }
}
