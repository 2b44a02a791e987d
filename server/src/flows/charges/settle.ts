/**
 * Writes what follows from a charge's outcome: charge, intent or subscription, ledger, events and deliveries, in one
 * transaction. The browser's return, a look-up and a notification all come through here; the compare-and-set on the charge
 * lets one of them make the transition, and the others find it made.
 */
import type { Instant } from "../../base/instant.ts";
import type { Books } from "../../domain/account.ts";
import type { ChallengedCharge, FailedCharge, PendingCharge } from "../../domain/charge.ts";
import {
  newRefundId,
  newSubscriptionId,
  showChargeId,
  showIntentId,
  showRefundId,
} from "../../domain/ids.ts";
import type { Intent } from "../../domain/intent.ts";
import {
  giveUpChallenge,
  type Outcome,
  type Settlement,
  settleFirst,
  settleLate,
  settleRenewal,
  type Withdrawn,
} from "../../domain/settlement.ts";
import { renewalUnderWay, type Subscription } from "../../domain/subscription.ts";
import { compareAndSetCharge, findCharge } from "../../store/charges.ts";
import { Overtaken, type Tx } from "../../store/database.ts";
import { compareAndSetIntent, findIntent } from "../../store/intents.ts";
import { insertPosting } from "../../store/ledger.ts";
import { insertRefund, reserveRefund } from "../../store/refunds.ts";
import {
  compareAndSetSubscription,
  findSubscription,
  insertSubscription,
} from "../../store/subscriptions.ts";
import type { Platform } from "../platform.ts";
import { writeEvents } from "../write-events.ts";

/**
 * `asked` is the charge as it stood when the processor was asked, so that an answer that comes late cannot undo what was
 * decided meanwhile. True: this call made the transition; false: it was made already.
 */
export async function settle(
  platform: Platform,
  books: Books,
  asked: PendingCharge | ChallengedCharge | FailedCharge,
  outcome: Outcome | Withdrawn,
): Promise<boolean> {
  const now = books.now();
  const settled = await platform.db.transaction(async (tx) => {
    const charge = await findCharge(tx, asked.facts.accountId, asked.facts.chargeId);
    if (charge?.status === "failed" && outcome.kind === "succeeded") {
      return await writeLateSuccess(platform, tx, charge, outcome, now);
    }
    if (charge?.status !== "pending" && charge?.status !== "requires_action") return false;
    if (outcome.kind === "challenge" && !standsAs(charge, asked)) return false;
    return await writeSettlement(platform, tx, charge, outcome, now);
  });
  if (settled) platform.wake();
  return settled;
}

/**
 * That a challenge is open is true for a while only: once the customer has come back from it, or somebody else has asked,
 * an older answer says nothing any more. Each of these moves the next look-up, so its time is the charge's version.
 */
function standsAs(
  charge: PendingCharge | ChallengedCharge,
  asked: PendingCharge | ChallengedCharge | FailedCharge,
): boolean {
  return (
    charge.status === asked.status &&
    isResumed(charge) === isResumed(asked) &&
    charge.lookUpAt === asked.lookUpAt
  );
}

function isResumed(charge: PendingCharge | ChallengedCharge | FailedCharge): boolean {
  return charge.status === "pending" && charge.returned !== null;
}

async function writeSettlement(
  platform: Platform,
  tx: Tx,
  charge: PendingCharge | ChallengedCharge,
  outcome: Outcome | Withdrawn,
  now: Instant,
): Promise<boolean> {
  const { accountId, intentId, subscriptionId } = charge.facts;
  const intent = await findIntent(tx, accountId, intentId);
  if (!intent) throw new Error("Assertion failed: a charge has its intent");
  if (subscriptionId === null) {
    if (outcome.kind === "withdrawn") throw new Error("Assertion failed: only renewals are withdrawn");
    const isUnderWay = intent.status === (charge.status === "pending" ? "processing" : "requires_action");
    // Or the customer has paid again already, since this charge was declined meanwhile.
    if (!isUnderWay || intent.chargeId !== charge.facts.chargeId) {
      throw new Overtaken("charge and intent were read on two sides of another's change");
    }
    const source = { at: now, random: platform.world.random };
    const next = settleFirst(charge, intent, outcome, { now, subscriptionId: newSubscriptionId(source) });
    if (next.charge === charge) return false;
    await write(platform, tx, { charge, intent, subscription: null }, next, now);
    return true;
  }
  if (charge.status !== "pending") throw new Error("Assertion failed: a renewal meets no challenge");
  const subscription = await findSubscription(tx, accountId, subscriptionId);
  if (!subscription) throw new Error("Assertion failed: a renewal has its subscription");
  // An answer, a look-up and a notification of one renewal may all settle it at the same moment.
  if (renewalUnderWay(subscription) !== charge.facts.chargeId)
    throw new Overtaken("charge and subscription were read on two sides of another's change");
  const next = settleRenewal(charge, subscription, outcome, now);
  await write(platform, tx, { charge, intent, subscription }, next, now);
  return true;
}

/** A challenge that nobody will answer: within the caller's transaction, so that a cancel or expiry is one with it. */
export async function giveUp(
  platform: Platform,
  tx: Tx,
  charge: ChallengedCharge,
  intent: Intent,
  why: "abandoned" | "canceled" | "expired",
  now: Instant,
): Promise<void> {
  await write(
    platform,
    tx,
    { charge, intent, subscription: null },
    giveUpChallenge(charge, intent, why, now),
    now,
  );
}

/** Money moved for an attempt that had been given up: it is booked, and goes back by itself. */
async function writeLateSuccess(
  platform: Platform,
  tx: Tx,
  charge: FailedCharge,
  outcome: Extract<Outcome, { kind: "succeeded" }>,
  now: Instant,
): Promise<boolean> {
  const { accountId, chargeId, intentId, amount } = charge.facts;
  const refundId = newRefundId({ at: now, random: platform.world.random });
  const late = settleLate(charge, outcome, { now, refundId });
  if (!(await compareAndSetCharge(tx, charge, late.charge)))
    throw new Overtaken("somebody else settled first");
  if (!(await reserveRefund(tx, accountId, chargeId, amount)))
    throw new Overtaken("the charge was just refunded");
  await insertPosting(tx, late.posting);
  await insertRefund(tx, late.refund);
  platform.log.warn(
    {
      intent_id: showIntentId(intentId),
      charge_id: showChargeId(chargeId),
      refund_id: showRefundId(refundId),
    },
    "a payment succeeded after it had been given up; it is refunded by itself",
  );
  return true;
}

type Before = {
  readonly charge: PendingCharge | ChallengedCharge;
  readonly intent: Intent;
  readonly subscription: Subscription | null;
};

/** Locks in one order everywhere: charge, intent, subscription. */
async function write(
  platform: Platform,
  tx: Tx,
  before: Before,
  next: Settlement,
  now: Instant,
): Promise<void> {
  const overtaken = () => new Overtaken("somebody else settled first");
  if (!(await compareAndSetCharge(tx, before.charge, next.charge))) throw overtaken();
  if (next.intent && !(await compareAndSetIntent(tx, before.intent, next.intent))) throw overtaken();
  if (before.subscription && next.subscription) {
    if (!(await compareAndSetSubscription(tx, before.subscription, next.subscription))) throw overtaken();
  }
  if (next.newSubscription) await insertSubscription(tx, next.newSubscription);
  if (next.posting) await insertPosting(tx, next.posting);
  await writeEvents(platform, tx, before.intent.facts, next.events, now);
}
