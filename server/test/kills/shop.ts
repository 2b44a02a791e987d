/**
 * The load: shops that sell all the time, cancel, refund, change their webhook's secret and ask for events again; and
 * publishers, whose subscriptions renew as they advance their test clock.
 */
import type { Chance } from "../simulation/chance.ts";
import type { Checkout } from "./customer.ts";
import type { Merchant } from "./merchant.ts";
import type { Answer } from "./net.ts";
import type { Hook } from "./receiver.ts";
import { pause, type Stage } from "./stage.ts";
import type { Told, ToldIntent } from "./told.ts";

export type Shop = {
  readonly merchant: Merchant;
  readonly hook: Hook;
  readonly endpointId: string;
  readonly paid: ToldIntent[];
  /** Milliseconds of this process: one rotation at a time and a while apart, since a third secret ends the first at once. */
  rotatesAgainAt: number;
};

export type Loading = {
  readonly stage: Stage;
  readonly told: Told;
  readonly checkout: Checkout;
  /** Milliseconds between two things that one shopper does, on average. */
  readonly paceMs: number;
};

/** Registers the receiver and learns its secret. */
export async function openShop(merchant: Merchant, hook: Hook): Promise<Shop> {
  const { body } = await merchant.post("endpoints", "/webhook-endpoints", { url: hook.url });
  hook.addSecret(body.data.secret, Date.now());
  return { merchant, hook, endpointId: body.data.endpoint_id, paid: [], rotatesAgainAt: 0 };
}

const DOINGS = {
  sell: 70,
  cancel: 8,
  race: 4,
  refund: 10,
  redeliver: 5,
  replay: 1,
  rotate: 1,
  read: 6,
} as const;

/** One shopper of a shop, until the load ends. */
export async function keepShopping(loading: Loading, shop: Shop): Promise<void> {
  const { chance } = shop.merchant;
  while (loading.stage.isLoading) {
    const doing = chance.weighted(DOINGS);
    await DO[doing](loading, shop);
    await pause(chance.about(loading.paceMs));
  }
}

type Doing = (loading: Loading, shop: Shop) => Promise<void>;

const sell: Doing = async ({ checkout }, shop) => {
  const intent = await shop.merchant.create();
  if (await checkout.pay(intent)) shop.paid.push(intent);
};

const cancel: Doing = async ({ told, stage }, { merchant }) => {
  const intent = await merchant.create();
  const answer = await merchant.post("cancels", `/intents/${intent.id}/cancel`);
  if (answer.status === 200) told.status(intent, "cancelled");
  else stage.wrong("no-unexpected-answer", `a cancel of what nobody pays: ${answer.status} ${answer.text}`);
};

/** A cancel meets a payment: one of the two wins. */
const race: Doing = async ({ checkout, told, stage }, { merchant, paid }) => {
  const intent = await merchant.create();
  const [cancelled, isPaid] = await Promise.all([
    merchant.post("cancels", `/intents/${intent.id}/cancel`),
    checkout.pay(intent, "4242424242424242"),
  ]);
  if (cancelled.status === 200) told.status(intent, "cancelled");
  else if (cancelled.status !== 400) unexpected(stage, "a cancel that raced", cancelled);
  if (isPaid) paid.push(intent);
};

const refund: Doing = async ({ told, stage }, { merchant, paid }) => {
  if (paid.length === 0) return;
  const { chance, client } = merchant;
  const intent = chance.pick(paid);
  const body = chance.flip(0.5)
    ? {}
    : { amount: intent.currency === "JPY" ? "1000" : "3.50", reason: "returned" };
  const answer = await merchant.post("refunds", `/intents/${intent.id}/refunds`, body);
  if (answer.status !== 200) {
    if (answer.status !== 422 && answer.status !== 400) unexpected(stage, "a refund", answer);
    return;
  }
  const { refund_id: id, amount, intent_id: intentId } = answer.body.data;
  told.refund({ client, id, intentId, amount });
};

const redeliver: Doing = async ({ told, stage }, { merchant, hook }) => {
  const eventId = settledEvent(hook, merchant.chance);
  if (eventId === null) return;
  const askedAt = Date.now();
  const answer = await merchant.post("redeliveries", `/events/${eventId}/redeliver`);
  if (answer.status === 200) told.redelivery(merchant.client, eventId, askedAt);
  else unexpected(stage, "a redelivery", answer);
};

const QUIET_MS = 3_000;

/** One that has not come for a while: a try that is under way would count as what is asked for. */
function settledEvent({ received }: Hook, chance: Chance): string | null {
  const quietBefore = Date.now() - QUIET_MS;
  const candidates = received.filter(({ at }) => at < quietBefore);
  if (candidates.length === 0) return null;
  const { eventId } = chance.pick(candidates);
  return received.some((seen) => seen.eventId === eventId && seen.at >= quietBefore) ? null : eventId;
}

const replay: Doing = async ({ stage }, { merchant, endpointId }) => {
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const answer = await merchant.post("replays", `/webhook-endpoints/${endpointId}/replay`, { since });
  if (answer.status !== 200) unexpected(stage, "a replay", answer);
};

const ROTATION_PAUSE_MS = 5_000;

const rotate: Doing = async ({ stage }, shop) => {
  const { merchant, hook, endpointId } = shop;
  if (performance.now() < shop.rotatesAgainAt) return;
  shop.rotatesAgainAt = Number.POSITIVE_INFINITY;
  const answer = await merchant.post("rotations", `/webhook-endpoints/${endpointId}/rotate-secret`);
  shop.rotatesAgainAt = performance.now() + ROTATION_PAUSE_MS;
  if (answer.status === 200) hook.addSecret(answer.body.data.secret, Date.now());
  else unexpected(stage, "a rotation", answer);
};

/** What was told is so from then on, also while parts die. */
const read: Doing = async ({ stage }, { merchant, paid }) => {
  if (paid.length === 0) return;
  const intent = merchant.chance.pick(paid);
  const { body, text } = await merchant.get(`/intents/${intent.id}`);
  if (body?.data?.status !== "succeeded")
    stage.wrong("promises-kept", `${intent.id}, told succeeded: ${text}`);
};

const DO: Readonly<Record<keyof typeof DOINGS, Doing>> = {
  sell,
  cancel,
  race,
  refund,
  redeliver,
  replay,
  rotate,
  read,
};

function unexpected(stage: Stage, what: string, { status, text }: Answer): void {
  stage.wrong("no-unexpected-answer", `${what}: ${status} ${text}`);
}
