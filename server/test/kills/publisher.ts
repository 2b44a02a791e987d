/** Publishers: subscriptions that renew as the test clock is advanced, in steps that kills break off and retries go on with. */
import type { Answer } from "./net.ts";
import type { Loading, Shop } from "./shop.ts";
import { pause, type Stage } from "./stage.ts";

const RENEWING = ["4242424242424242", "5555555555554444", "4000000000000341", "4000002500003155"] as const;
const HOUR_MS = 3_600_000;
/** Longer than an advance may take, 120 s, after it has waited for another. */
const ADVANCE_TIMEOUT_MS = 170_000;

export type Clock = {
  /** By so many hours, whatever breaks it off. */
  advance(hours: number): Promise<void>;
};

/** What is told of an account's time never goes back. */
export function createClock(stage: Stage, { merchant }: Shop): Clock {
  let latest = "";
  const heard = (answer: Answer): boolean => {
    if (answer.status !== 200) {
      stage.wrong("no-unexpected-answer", `an advance: ${answer.status} ${answer.text}`);
      return true;
    }
    const { now, done } = answer.body.data;
    if (now < latest) stage.wrong("clock-never-goes-back", `${merchant.client.name}: ${latest}, then ${now}`);
    latest = now;
    return done !== false;
  };
  const ask = (body: object) => merchant.post("advances", "/test/clock/advance", body, ADVANCE_TIMEOUT_MS);
  return {
    async advance(hours) {
      const { body } = await merchant.get("/test/clock");
      const to = new Date(Date.parse(body.data.now) + hours * HOUR_MS).toISOString();
      while (!heard(await ask({ to })));
      stage.count("advances of a clock");
      stage.count("hours advanced", hours);
    },
  };
}

/** Subscribes, advances, cancels now and then, until the load ends. */
export async function keepPublishing(
  loading: Loading,
  shop: Shop,
  clock: Clock,
  subscribers: number,
): Promise<void> {
  const active: string[] = [];
  const { chance } = shop.merchant;
  while (loading.stage.isLoading) {
    if (active.length < subscribers) await subscribe(loading, shop, active);
    else if (chance.flip(0.7)) await clock.advance(24 * (1 + chance.below(2)));
    else await cancel(loading, shop, active);
    await pause(chance.about(loading.paceMs));
  }
}

async function subscribe({ stage, checkout }: Loading, { merchant }: Shop, active: string[]): Promise<void> {
  const { chance } = merchant;
  const intent = await merchant.create({ intent_type: "recurring", interval_days: 1 + chance.below(2) });
  if (!(await checkout.pay(intent, chance.pick(RENEWING)))) return;
  const { body, text } = await merchant.get(`/intents/${intent.id}`);
  const id = body?.data?.subscription_id;
  if (typeof id === "string") active.push(id);
  else stage.wrong("promises-kept", `${intent.id}, told succeeded, has no subscription: ${text}`);
}

async function cancel({ stage, told }: Loading, { merchant }: Shop, active: string[]): Promise<void> {
  const id = merchant.chance.pick(active);
  active.splice(active.indexOf(id), 1);
  const answer = await merchant.post("cancels", `/subscriptions/${id}/cancel`);
  if (answer.status === 200) told.cancelledSubscription(merchant.client, id);
  else stage.wrong("no-unexpected-answer", `a subscription's cancel: ${answer.status} ${answer.text}`);
}
