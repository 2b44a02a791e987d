/**
 * What merchants do about their webhooks day by day: they look after what was disabled, make, change and delete endpoints,
 * rotate secrets, and have events sent again. Half of it happens just when a webhook is on its way to the endpoint.
 */
import { EVENT_TYPES } from "@mintro/contract/vocabulary";
import type { EndpointId, EventId } from "../../src/domain/ids.ts";
import * as endpoints from "./endpoints.ts";
import { type Hooked, isKnown, type Known } from "./endpoints.ts";
import { wait } from "./shop.ts";
import { DAY, HOUR } from "./stage.ts";

const DEEDS = {
  look_after_disabled: 25,
  make: 10,
  disable: 10,
  delete: 6,
  rotate: 14,
  rotate_soon_again: 3,
  change_events: 6,
  test: 6,
  send_again: 14,
  replay: 6,
} as const;
type Deed = keyof typeof DEEDS;

/** In one account; the platform allows more. */
const MOST = 5;

/** Something about the endpoints every day or so, until the days are over; everything at least once where they suffice. */
export async function keepEndpoints(hooked: Hooked, forMicros: number): Promise<void> {
  const { chance, stage } = hooked.shop;
  const until = Number(stage.timeline.now()) + forMicros;
  while (Number(stage.timeline.now()) < until) {
    await wait(hooked.shop, chance.about(DAY), "runs the shop");
    const deed = chance.weighted(DEEDS);
    stage.count(`story: ${deed} endpoints`);
    await DOERS[deed](hooked);
  }
}

const DOERS: Record<Deed, (hooked: Hooked) => Promise<void>> = {
  look_after_disabled: lookAfterDisabled,
  make: async (hooked) => {
    const { shop, mine, receivers } = hooked;
    if (mine.length >= MOST) return;
    const url = `https://hooks.example/${receivers.size}`;
    await endpoints.make(hooked, url, someTypes(hooked), shop.chance.pick([1, 1, 2]));
  },
  disable: async (hooked) => {
    await withOne(hooked, async (receiver) => {
      await endpoints.disable(hooked, receiver);
      await wait(hooked.shop, hooked.shop.chance.about(HOUR), "mends the receiver");
      if (hooked.shop.chance.flip(0.6)) await enableAndReplay(hooked, receiver);
    });
  },
  delete: async (hooked) => {
    if (hooked.mine.length < 2) return;
    await withOne(hooked, (receiver) => endpoints.discard(hooked, receiver));
  },
  rotate: async (hooked) => {
    await withOne(hooked, (receiver) =>
      endpoints.rotate(hooked, receiver, hooked.shop.chance.pick([1, 1, 2])),
    );
  },
  rotate_soon_again: async (hooked) => {
    await withOne(hooked, async (receiver) => {
      await endpoints.rotate(hooked, receiver, 1);
      await wait(hooked.shop, hooked.shop.chance.about(6 * HOUR), "lost the secret");
      await endpoints.rotate(hooked, receiver, 1);
    });
  },
  change_events: async (hooked) => {
    await withOne(hooked, (receiver) => endpoints.subscribeTo(hooked, receiver, someTypes(hooked)));
  },
  test: async (hooked) => {
    await withOne(hooked, (receiver) => endpoints.tryOut(hooked, receiver));
  },
  send_again: sendAgain,
  replay: async (hooked) => {
    await withOne(hooked, (receiver) => endpoints.replay(hooked, receiver, 5 * DAY));
  },
};

/** One of the endpoints, half of the time just when something is sent to it. */
async function withOne(hooked: Hooked, work: (receiver: Known) => Promise<void>): Promise<void> {
  const { shop, mine } = hooked;
  const known = mine.filter(isKnown);
  if (known.length === 0) return;
  const receiver = shop.chance.pick(known);
  if (shop.chance.flip(0.5)) {
    await Promise.race([receiver.nextTry(), wait(shop, 2 * DAY, "watches the receiver")]);
    await wait(shop, shop.chance.about(50_000), "acts");
  }
  await work(receiver);
}

function someTypes({ shop: { chance } }: Hooked) {
  return chance.flip(0.5) ? null : EVENT_TYPES.filter(() => chance.flip(0.7));
}

async function lookAfterDisabled(hooked: Hooked): Promise<void> {
  const { shop, mine } = hooked;
  const disabled = await shop.stage.observe<{ endpoint_id: EndpointId }>(
    "select endpoint_id from webhook_endpoints where account_id = $1 and not enabled order by url",
    [shop.accountId],
  );
  for (const { endpoint_id } of disabled) {
    const receiver = mine.filter(isKnown).find(({ endpointId }) => endpointId === endpoint_id);
    if (receiver) await enableAndReplay(hooked, receiver);
  }
}

/** And then asks for what it missed. */
async function enableAndReplay(hooked: Hooked, receiver: Known): Promise<void> {
  const isEnabled = await endpoints.enable(hooked, receiver);
  if (isEnabled && hooked.shop.chance.flip(0.5)) await endpoints.replay(hooked, receiver, 3 * DAY);
}

/** One of the newest events, delivered or not; at times twice at once, under one key or two. */
async function sendAgain(hooked: Hooked): Promise<void> {
  const { shop, mine } = hooked;
  const { chance, stage } = shop;
  const [event] = await stage.observe<{ event_id: EventId }>(
    "select event_id from events where account_id = $1 order by created_at desc, event_id desc offset $2 limit 1",
    [shop.accountId, chance.below(10)],
  );
  if (!event) return;
  await wait(shop, chance.about(HOUR), "wonders");
  const known = mine.filter(isKnown);
  const to = known.length > 0 && chance.flip(0.3) ? chance.pick(known).endpointId : null;
  const key = `redeliver-${event.event_id}-${stage.timeline.now()}`;
  const again = chance.weighted({ once: 70, "same key": 15, "another key": 15 });
  const keys = { once: [key], "same key": [key, key], "another key": [key, `${key}-2`] }[again];
  await Promise.all(keys.map((each) => endpoints.sendAgain(hooked, event.event_id, to, each)));
}
