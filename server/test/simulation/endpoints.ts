/**
 * What a merchant may do about webhooks, each with the repeats of a real server: endpoints made, disabled, enabled, deleted,
 * tested, given other events and new secrets; events sent again.
 */
import { presentEndpoint, presentTestTry } from "../../src/api/present-webhooks.ts";
import { plusMicros } from "../../src/base/instant.ts";
import type { EventType } from "../../src/domain/event.ts";
import { type EndpointId, type EventId, parseEndpointId } from "../../src/domain/ids.ts";
import { change, type EndpointChange, remove } from "../../src/flows/webhooks/change-endpoint.ts";
import { createEndpoint } from "../../src/flows/webhooks/create-endpoint.ts";
import { redeliver, replayFailed } from "../../src/flows/webhooks/redeliver.ts";
import { rotateSecret } from "../../src/flows/webhooks/rotate-secret.ts";
import { testEndpoint } from "../../src/flows/webhooks/test-endpoint.ts";
import { createKeyring } from "./keyring.ts";
import { createReceiver, type Receiver, type Receivers } from "./receivers.ts";
import type { ResendWatch } from "./resend-watch.ts";
import { booksIn, command, insist, type Shop } from "./shop.ts";

/** A merchant with its receivers; `mine` are the endpoints that it knows of and has not deleted. */
export type Hooked = {
  readonly shop: Shop;
  readonly receivers: Receivers;
  readonly resends: ResendWatch;
  readonly mine: Receiver[];
};

/** Known by its owner: it has been told the id. */
export type Known = Receiver & { endpointId: EndpointId };

export function isKnown(receiver: Receiver): receiver is Known {
  return receiver.endpointId !== null;
}

/** `events` null: all. At times asked for twice at once under one key, which makes one. */
export async function make(
  hooked: Hooked,
  url: string,
  events: readonly EventType[] | null,
  copies: number,
): Promise<void> {
  const { shop } = hooked;
  const keyring = createKeyring(null);
  const { stage, accountId } = shop;
  const receiver = createReceiver(stage, { accountId, url, endpointId: null, keyring, mayBeGone: true });
  hooked.receivers.set(url, receiver);
  keyring.ask(nowOf(shop));
  const ask = () =>
    command(shop, "create endpoint", `endpoint-${url}`, (process, books, keyed) =>
      createEndpoint(process.platform, books, {
        url,
        events,
        enabled: true,
        keyed,
        present: presentEndpoint,
      }),
    );
  const done = answered(await Promise.all(Array.from({ length: copies }, ask)));
  if (done === null) return keyring.giveUp();
  const { endpoint_id, secret } = JSON.parse(done) as { endpoint_id: string; secret: string };
  receiver.endpointId = parseEndpointId(endpoint_id) ?? null;
  learn(shop, receiver, secret);
  hooked.mine.push(receiver);
}

/** The receiver goes on with what it knows until it is told. */
export async function rotate(hooked: Hooked, receiver: Known, copies: number): Promise<void> {
  const { shop } = hooked;
  const { endpointId, keyring } = receiver;
  keyring.ask(nowOf(shop));
  const key = `rotate-${endpointId}-${nowOf(shop)}`;
  const ask = () =>
    command(shop, "rotate secret", key, (process, books, keyed) =>
      rotateSecret(process.platform, books, { endpointId, keyed, present: presentEndpoint }),
    );
  const done = answered(await Promise.all(Array.from({ length: copies }, ask)));
  if (done === null) return keyring.giveUp();
  learn(shop, receiver, (JSON.parse(done) as { secret: string }).secret);
}

function learn(shop: Shop, receiver: Receiver, secret: string): void {
  for (const wrong of receiver.keyring.learn(secret, nowOf(shop)))
    shop.stage.wrong("signed-for-its-endpoint", `${receiver.url}, before it was told: ${wrong}`);
}

/** Null: of several answers to one request none is a success. */
function answered(dones: readonly (Awaited<ReturnType<typeof command>> | null)[]): string | null {
  for (const done of dones) if (done && "body" in done) return done.body;
  return null;
}

export async function disable(hooked: Hooked, receiver: Known): Promise<void> {
  if (await changeTo(hooked.shop, receiver, { enabled: false })) receiver.closedSince = nowOf(hooked.shop);
}

export async function enable(hooked: Hooked, receiver: Known): Promise<boolean> {
  receiver.closedSince = null;
  return await changeTo(hooked.shop, receiver, { enabled: true });
}

export async function subscribeTo(
  hooked: Hooked,
  receiver: Known,
  types: readonly EventType[] | null,
): Promise<void> {
  await changeTo(hooked.shop, receiver, { events: { types } });
}

async function changeTo(shop: Shop, { endpointId }: Known, to: Partial<EndpointChange>): Promise<boolean> {
  const changed = await insist(shop, () =>
    shop.cluster.ask("change endpoint", async (process) =>
      change(process.platform, await booksIn(process, shop.accountId), endpointId, {
        url: null,
        events: null,
        enabled: null,
        ...to,
      }),
    ),
  );
  return changed?.ok === true;
}

export async function discard(hooked: Hooked, receiver: Known): Promise<void> {
  const { shop, mine } = hooked;
  mine.splice(mine.indexOf(receiver), 1);
  const removed = await insist(shop, () =>
    shop.cluster.ask("delete endpoint", async (process) =>
      remove(process.platform, await booksIn(process, shop.accountId), receiver.endpointId),
    ),
  );
  // Asked again after a lost answer it is not there any more, which is as good.
  if (removed !== null) receiver.closedSince = nowOf(shop);
}

export async function tryOut(hooked: Hooked, { endpointId }: Known): Promise<void> {
  const { shop } = hooked;
  const key = shop.chance.flip(0.5) ? `test-${endpointId}-${nowOf(shop)}` : null;
  await command(shop, "test endpoint", key, (process, books, keyed) =>
    testEndpoint(process.platform, books, { endpointId, keyed, present: presentTestTry }),
  );
}

/** `to` null: all who take its type. */
export async function sendAgain(
  { shop, resends }: Hooked,
  eventId: EventId,
  to: EndpointId | null,
  key: string,
): Promise<void> {
  const askedAt = nowOf(shop);
  const done = await command(shop, "redeliver", key, (process, books, keyed) =>
    redeliver(process.platform, books, { eventId, endpointId: to, keyed, present: (ids) => ids.join() }),
  );
  if (!done || !("body" in done)) return;
  for (const endpointId of done.body.split(","))
    resends.redelivered({
      accountId: shop.accountId,
      eventId,
      endpointId: endpointId as EndpointId,
      askedAt,
    });
}

/** All that an endpoint failed to take in the last `micros`. */
export async function replay(
  { shop, resends }: Hooked,
  { endpointId }: Known,
  micros: number,
): Promise<void> {
  const askedAt = nowOf(shop);
  const done = await command(shop, "replay", `replay-${endpointId}-${askedAt}`, (process, books, keyed) => {
    const span = { since: plusMicros(books.now(), BigInt(-micros)), until: books.now() };
    const present = (replayed: number, hasMore: boolean) => JSON.stringify({ replayed, hasMore });
    return replayFailed(process.platform, books, { endpointId, span, keyed, present });
  });
  if (done && "body" in done && done.body.includes('"hasMore":false'))
    resends.replayed({ accountId: shop.accountId, endpointId, micros, askedAt });
}

function nowOf(shop: Shop): number {
  return Number(shop.stage.timeline.now());
}
