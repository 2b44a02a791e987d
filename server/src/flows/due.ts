/**
 * What can be due, as one table: the worker's lanes and the advance of a test clock both go by it. Rows are the queue:
 * each kind's rows carry their due time, and each flow takes its row by compare-and-set or lease, so whoever comes second does nothing.
 */
import type { Instant } from "../base/instant.ts";
import type { Books } from "../domain/account.ts";
import type { AccountId } from "../domain/ids.ts";
import { type DueCharge, dueCharges } from "../store/charges.ts";
import { giveUpOrphan } from "../store/deliveries.ts";
import type { Look } from "../store/due.ts";
import {
  type BusyEndpoints,
  type DueDelivery,
  dueDeliveries,
  dueDeliveriesOfMany,
} from "../store/due-deliveries.ts";
import { type DueIntent, dueIntents } from "../store/intents.ts";
import { type DueRefund, dueRefunds } from "../store/refunds.ts";
import { type DueSubscription, dueSubscriptions } from "../store/subscriptions.ts";
import { type DueEndpoint, dueEndpoints } from "../store/webhooks.ts";
import { reconcile } from "./charges/reconcile.ts";
import { expire } from "./intents/expire.ts";
import type { Platform } from "./platform.ts";
import { performRefund } from "./refunds/perform.ts";
import { renew } from "./subscriptions/renew.ts";
import { claim, deliver } from "./webhooks/deliver.ts";
import { disableFailing } from "./webhooks/disable.ts";

export type DueThing = { readonly accountId: AccountId; readonly dueAt: Instant };

/** Who has all under way that it may have: accounts, and among deliveries endpoints. */
export type Busy = BusyEndpoints & { readonly accounts: readonly AccountId[] };

export type DueKind<T extends DueThing> = {
  readonly name: string;
  /** Tells one thing of the kind from another. */
  key(due: T): string;
  /** In the order of their time; or, where many are tried side by side, of those who are not busy. */
  find(platform: Platform, look: Look, busy: Busy | null): Promise<T[]>;
  /** False: it was not to be had: somebody else is at it, or it is not due any more. */
  perform(platform: Platform, books: Books, due: T): Promise<boolean>;
};

function without(look: Look, busy: Busy | null): Look {
  if (busy === null || "accountId" in look.of) return look;
  return { ...look, of: { allBut: [...look.of.allBut, ...busy.accounts] } };
}

export const LOOK_UPS: DueKind<DueCharge> = {
  name: "look-ups",
  key: (due) => `${due.accountId}/${due.chargeId}`,
  find: (platform, look, busy) => dueCharges(platform.db, without(look, busy)),
  perform: reconcile,
};

export const REFUNDS: DueKind<DueRefund> = {
  name: "refunds",
  key: (due) => `${due.accountId}/${due.refundId}`,
  find: (platform, look, busy) => dueRefunds(platform.db, without(look, busy)),
  perform: performRefund,
};

export const RENEWALS: DueKind<DueSubscription> = {
  name: "renewals",
  key: (due) => `${due.accountId}/${due.subscriptionId}`,
  find: (platform, look, busy) => dueSubscriptions(platform.db, without(look, busy)),
  perform: renew,
};

export const EXPIRIES: DueKind<DueIntent> = {
  name: "expiries",
  key: (due) => `${due.accountId}/${due.intentId}`,
  find: (platform, look, busy) => dueIntents(platform.db, without(look, busy)),
  perform: (platform, books, due) => expire(platform, books, due.intentId),
};

export const DISABLINGS: DueKind<DueEndpoint> = {
  name: "disablings",
  key: (due) => `${due.accountId}/${due.endpointId}`,
  find: (platform, look, busy) => dueEndpoints(platform.db, without(look, busy)),
  perform: (platform, _, due) => disableFailing(platform, due),
};

export const DELIVERIES: DueKind<DueDelivery> = {
  name: "deliveries",
  key: (due) => `${due.accountId}/${due.eventId}/${due.endpointId}`,
  find: (platform, look, busy) =>
    busy === null ? dueDeliveries(platform.db, look) : dueDeliveriesOfMany(platform.db, look, busy),
  async perform(platform, books, due) {
    const [claimed] = await claim(platform, due.accountId, [due]);
    if (!claimed) {
      // An event that was just being written when its endpoint was deleted: nobody will ever have it.
      await giveUpOrphan(platform.db, due);
      return false;
    }
    await deliver(platform, books, claimed);
    return true;
  },
};
