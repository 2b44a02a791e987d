/**
 * A merchant's server and its customers' browsers: each function is what one of them does, with the patience and the
 * repeats of a real one. They know only what they were told.
 */
import { createHash } from "node:crypto";
import type { CardInput } from "@mintro/contract/checkout";
import { validateCreateIntent } from "@mintro/contract/create-intent";
import {
  presentCancelledIntent,
  presentCancelledSubscription,
  presentCreated,
  presentRefund,
} from "../../src/api/present.ts";
import { ok, type Result } from "../../src/base/result.ts";
import { type Books, booksOf } from "../../src/domain/account.ts";
import type { AccountId, ChargeId, IntentId, RefundId, SubscriptionId } from "../../src/domain/ids.ts";
import type { IntentStatus } from "../../src/domain/intent.ts";
import { payUrl } from "../../src/flows/charges/attempt.ts";
import { pay } from "../../src/flows/charges/pay.ts";
import { resume } from "../../src/flows/charges/resume.ts";
import { cancel as cancelIntent } from "../../src/flows/intents/cancel.ts";
import { showForCheckout, showIntent, showIntentByReference } from "../../src/flows/intents/show.ts";
import type { Answered, Keyed } from "../../src/flows/once.ts";
import { createRefund } from "../../src/flows/refunds/create.ts";
import { cancel as cancelSubscription } from "../../src/flows/subscriptions/cancel.ts";
import type { ChallengeDesk } from "../../src/processors/sandbox/challenges.ts";
import { findAccount } from "../../src/store/accounts.ts";
import type { Chance } from "./chance.ts";
import type { Cluster, Told } from "./cluster.ts";
import type { PlatformProcess } from "./platform-process.ts";
import type { Promises } from "./promises.ts";
import { MINUTE, SECOND, type Stage } from "./stage.ts";
import { OUTSIDE } from "./timeline.ts";

export type Shop = {
  readonly stage: Stage;
  readonly cluster: Cluster;
  readonly promises: Promises;
  readonly chance: Chance;
  readonly accountId: AccountId;
  /** The bank's challenge page, which the platform has no part in. */
  readonly challenges: ChallengeDesk;
};

export type Order = {
  readonly reference: string;
  readonly amount: number;
  /** Null: paid once. */
  readonly intervalDays: number | null;
  readonly customer: string;
};

export type View = { readonly status: IntentStatus; readonly challengeUrl: string | null };

/** How often a server repeats a request that it got no answer to. */
const REPEATS = 12;

/** Each process reads the account anew, as the API does for each request. */
export async function booksIn(process: PlatformProcess, accountId: AccountId): Promise<Books> {
  const account = await findAccount(process.platform.db, accountId);
  if (!account) throw new Error("The simulation's accounts exist.");
  return booksOf(account, process.platform.world);
}

export function wait(shop: Shop, micros: number, what = "waits"): Promise<void> {
  return shop.stage.timeline.sleep(micros, OUTSIDE, what);
}

/** Repeats a command until it is answered, always with the same key; null: given up. */
export async function insist<T>(shop: Shop, once: () => Promise<Told<T>>): Promise<T | null> {
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const told = await once();
    if (told.kind === "answer") return told.value;
    await wait(shop, shop.chance.about(SECOND * 2 ** Math.min(repeat, 9)), "before repeating");
  }
  return null;
}

type CommandAnswer<F> = Result<Answered, F>;
/** The body of a success, or the kind of failure. */
type Done = { readonly body: string } | { readonly failure: string };

/** A POST with an Idempotency-Key: the body of the success, or the failure's kind; null: given up. */
export async function command<F extends { readonly kind: string }>(
  shop: Shop,
  what: string,
  key: string | null,
  work: (process: PlatformProcess, books: Books, keyed: Keyed | null) => Promise<CommandAnswer<F>>,
): Promise<Done | null> {
  const keyed =
    key === null ? null : { key, fingerprint: createHash("sha256").update(`${what} ${key}`).digest() };
  return await insist<Done>(shop, async () => {
    const told = await shop.cluster.ask(what, async (process) =>
      work(process, await booksIn(process, shop.accountId), keyed),
    );
    if (told.kind !== "answer") return told;
    if (!told.value.ok) {
      const { kind } = told.value.failure;
      return kind === "key_busy" || kind === "unavailable"
        ? { kind: "refused" }
        : { kind: "answer", value: { failure: kind } };
    }
    if (key !== null) shop.promises.answered(shop.accountId, key, told.value.value.body);
    return { kind: "answer", value: { body: told.value.value.body } };
  });
}

/** Null: given up, or (without a key) never found out. */
export async function createIntent(shop: Shop, order: Order, key: string | null): Promise<IntentId | null> {
  const input = validateCreateIntent(bodyOf(order));
  if (!input.ok) throw new Error(`The simulation's orders are valid: ${JSON.stringify(input.errors)}`);
  const created = await command(shop, "create", key, (process, books, keyed) =>
    process.creator.create({
      books,
      input: input.value,
      keyed,
      present: (intent) => presentCreated(intent, payUrl(process.platform, intent.facts)),
    }),
  );
  if (created === null) return null;
  const id = "body" in created ? idIn(created.body, "intent_id", "pi_") : await findByReference(shop, order);
  if (id !== null)
    shop.promises.told({
      what: "created",
      accountId: shop.accountId,
      id: id as IntentId,
      detail: order.reference,
    });
  return id as IntentId | null;
}

function bodyOf(order: Order): Record<string, unknown> {
  return {
    amount: order.amount,
    currency: "USD",
    intent_type: order.intervalDays === null ? "one_time" : "recurring",
    ...(order.intervalDays !== null && { interval_days: order.intervalDays }),
    email: `${order.customer}@example.com`,
    name: "John Doe",
    customer_ref_id: order.customer,
    reference_id: order.reference,
    integration_type: "iframe",
    metadata: { order: order.reference },
    order_items: [{ name: "Thing", quantity: 1, price: order.amount }],
  };
}

/** Sent again without a key, a creation is refused because the first one was done: the merchant looks it up. */
async function findByReference(shop: Shop, order: Order): Promise<string | null> {
  return await insist(shop, () =>
    shop.cluster.ask("show by reference", async (process) => {
      const books = await booksIn(process, shop.accountId);
      const shown = await showIntentByReference(process.platform, books, order.reference);
      if (!shown) shop.stage.wrong("promises-kept", `${order.reference} was taken, and is not there`);
      return shown?.intent.facts.intentId ?? null;
    }),
  );
}

function idIn(body: string, field: string, prefix: string): string {
  const value: unknown = (JSON.parse(body) as Record<string, unknown>)[field];
  if (typeof value !== "string" || !value.startsWith(prefix)) throw new Error(`No ${field} in ${body}`);
  return value.slice(prefix.length);
}

export async function cancel(shop: Shop, intentId: IntentId, key: string | null): Promise<void> {
  const done = await command(shop, "cancel", key, (process, books, keyed) =>
    cancelIntent(process.platform, books, { intentId, keyed, present: presentCancelledIntent }),
  );
  if (done && "body" in done)
    shop.promises.told({ what: "cancelled", accountId: shop.accountId, id: intentId });
}

export async function endSubscription(
  shop: Shop,
  subscriptionId: SubscriptionId,
  key: string | null,
): Promise<void> {
  const done = await command(shop, "cancel subscription", key, (process, books, keyed) =>
    cancelSubscription(process.platform, books, {
      subscriptionId,
      keyed,
      present: presentCancelledSubscription,
    }),
  );
  if (done && "body" in done)
    shop.promises.told({ what: "subscription cancelled", accountId: shop.accountId, id: subscriptionId });
}

/** `amount` null: all that is left. `chargeId` null: of the first payment. */
export async function refund(
  shop: Shop,
  intentId: IntentId,
  amount: bigint | null,
  key: string | null,
  chargeId: ChargeId | null = null,
): Promise<void> {
  const done = await command(shop, "refund", key, (process, books, keyed) =>
    createRefund(
      process.platform,
      books,
      { intentId, chargeId, amount: () => ok(amount), reason: key, keyed, present: presentRefund },
      String,
    ),
  );
  if (!done || !("body" in done)) return;
  const id = idIn(done.body, "refund_id", "re_") as RefundId;
  shop.promises.told({ what: "refund begun", accountId: shop.accountId, id });
}

const CARD: Omit<CardInput, "number"> = { name: "John Doe", expiry: "12/60", cvc: "123" };

/** One press of "Pay". Whatever came of it, the customer looks at the page afterwards. */
export async function pressPay(shop: Shop, intentId: IntentId, number: string): Promise<void> {
  await shop.cluster.ask("pay", async (process) =>
    pay(process.platform, await booksIn(process, shop.accountId), intentId, { card: { ...CARD, number } }),
  );
}

/** The page follows an outcome that is unknown; then what it shows. Null: it could not be reached for long. */
export async function follow(shop: Shop, intentId: IntentId): Promise<View | null> {
  let pause = SECOND;
  for (let look = 0; look < 40; look++) {
    const told = await shop.cluster.ask("look at the page", async (process): Promise<View | null> => {
      const books = await booksIn(process, shop.accountId);
      const shown = await showForCheckout(process.platform, books, intentId);
      if (!shown) return null;
      const { intent, charge } = shown;
      return {
        status: intent.status,
        challengeUrl: charge?.status === "requires_action" ? charge.challengeUrl : null,
      };
    });
    if (told.kind === "answer") {
      const view = told.value;
      if (view === null) {
        shop.stage.wrong("promises-kept", `${intentId} was created, and its page is not there`);
        return null;
      }
      if (view.status === "succeeded")
        shop.promises.told({ what: "paid", accountId: shop.accountId, id: intentId });
      if (view.status !== "processing") return view;
    }
    await wait(shop, pause, "follows");
    pause = Math.min(pause * 1.5, 10 * MINUTE);
  }
  return null;
}

/** Answers the bank's page, without coming back. */
export async function answerChallenge(
  shop: Shop,
  url: string,
  answer: "complete" | "fail",
  afterAbout = 20 * SECOND,
): Promise<void> {
  await wait(shop, shop.chance.about(afterAbout), "reads the challenge");
  await shop.stage.really(OUTSIDE, () => shop.challenges.answer(url.slice(url.lastIndexOf("/") + 1), answer));
}

/** The browser comes back from the bank, or the page is reloaded. */
export async function comeBack(shop: Shop, intentId: IntentId): Promise<void> {
  await shop.cluster.ask("come back", async (process) =>
    resume(process.platform, await booksIn(process, shop.accountId), intentId, {}),
  );
}

/** The subscription that an intent began, as the merchant looks it up. */
export async function subscriptionOf(shop: Shop, intentId: IntentId): Promise<SubscriptionId | null> {
  return await insist(shop, () =>
    shop.cluster.ask("show", async (process) => {
      const shown = await showIntent(process.platform, await booksIn(process, shop.accountId), intentId);
      return shown?.subscriptionId ?? null;
    }),
  );
}
