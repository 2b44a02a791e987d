/**
 * The faults that a merchant has armed for deliveries (contract section 6, /test/faults), put in between a claimed delivery
 * and its try. Each try takes the next one armed. One that holds a delivery back takes effect in the transaction that uses it
 * up, and the delivery's row carries it, so that a crash loses neither.
 *
 * A swap is made of two tries to one endpoint: the first is held out of turn, and becomes due again when the next one,
 * which itself meets no fault, has arrived. Where no other comes, its time does.
 */
import { type Instant, plusMs } from "../../base/instant.ts";
import { TEST_FAULTS } from "../../base/limits.ts";
import type { Books } from "../../domain/account.ts";
import type { EventId } from "../../domain/ids.ts";
import type { Held } from "../../domain/test-fault.ts";
import type { ClaimedDelivery } from "../../domain/webhook.ts";
import type { Tx } from "../../store/database.ts";
import {
  endHold,
  forgetUsedUpFaults,
  holdDelivery,
  lockNextFault,
  pairOutOfTurn,
  useUpFault,
} from "../../store/test-faults.ts";
import type { Platform } from "../platform.ts";
import type { SendOutcome } from "./send.ts";

type Met =
  | { readonly kind: "nothing" | "drop" | "double" }
  /** Not now: its row says when. */
  | { readonly kind: "held" }
  /** The other half of a swap: that event's delivery waits until this one has arrived. */
  | { readonly kind: "ahead"; readonly of: EventId };

const NOTHING: Met = { kind: "nothing" };

const DROPPED: SendOutcome = {
  outcome: "failed",
  status: null,
  error: "A rehearsed fault dropped this try.",
  durationMs: 0,
  responseStart: "",
  retryAfterMs: null,
};

/** Makes the try, as far as armed faults let it. Null: it was put off, and is no try. */
export async function sendUnderFaults(
  platform: Platform,
  books: Books,
  delivery: ClaimedDelivery,
  send: () => Promise<SendOutcome>,
): Promise<SendOutcome | null> {
  const isToMeet = books.account.mode === "test" && delivery.mayMeetFault && delivery.held === null;
  const met = isToMeet ? await meet(platform, books, delivery) : NOTHING;
  switch (met.kind) {
    case "nothing":
      return await send();
    case "held":
      return null;
    case "drop":
      return DROPPED;
    case "double": {
      const [first] = await Promise.all([send(), send()]); // the platform knows of one request, and has its answer
      return first;
    }
    case "ahead": {
      const outcome = await send();
      if (!platform.breakingOff.aborted) {
        const { accountId, endpointId } = delivery;
        await endHold(platform.db, { accountId, endpointId, eventId: met.of }, books.now());
        platform.wake();
      }
      return outcome;
    }
  }
}

async function meet(platform: Platform, books: Books, delivery: ClaimedDelivery): Promise<Met> {
  const { accountId, endpointId } = delivery;
  return await platform.db.transaction(async (tx): Promise<Met> => {
    // The lock comes first: of tries made at the same moment, each sees what the one before it has held out of turn.
    const next = await lockNextFault(tx, accountId, "delivery");
    const waiting = await pairOutOfTurn(tx, accountId, endpointId);
    if (waiting) return { kind: "ahead", of: waiting };
    if (!next) {
      await forgetUsedUpFaults(tx, accountId);
      return NOTHING;
    }
    await useUpFault(tx, accountId, next.faultId);
    switch (next.fault) {
      case "drop":
      case "double":
        return { kind: next.fault };
      case "delay":
        return await hold(tx, delivery, "in_turn", plusMs(books.now(), TEST_FAULTS.delayMs));
      case "swap":
        return await hold(tx, delivery, "out_of_turn", plusMs(books.now(), TEST_FAULTS.swapMs));
    }
  });
}

async function hold(tx: Tx, delivery: ClaimedDelivery, held: Held, dueAt: Instant): Promise<Met> {
  return (await holdDelivery(tx, delivery, { held, dueAt })) ? { kind: "held" } : NOTHING;
}
