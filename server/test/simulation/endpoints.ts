/** What merchants do about their webhooks: they enable what was disabled, and have events sent again. */

import { plusMicros } from "../../src/base/instant.ts";
import type { EndpointId, EventId } from "../../src/domain/ids.ts";
import { change } from "../../src/flows/webhooks/change-endpoint.ts";
import { redeliver, replayFailed } from "../../src/flows/webhooks/redeliver.ts";
import { booksIn, command, type Shop, wait } from "./shop.ts";
import { DAY, HOUR } from "./stage.ts";

/** Every day or so somebody looks at the endpoints, until the days are over. */
export async function keepEndpoints(shop: Shop, forMicros: number): Promise<void> {
  const { chance, stage } = shop;
  const until = Number(stage.timeline.now()) + forMicros;
  while (Number(stage.timeline.now()) < until) {
    await wait(shop, chance.about(DAY), "runs the shop");
    const disabled = await stage.observe<{ endpoint_id: EndpointId }>(
      "select endpoint_id from webhook_endpoints where account_id = $1 and not enabled order by url",
      [shop.accountId],
    );
    for (const { endpoint_id } of disabled) if (chance.flip(0.7)) await enable(shop, endpoint_id);
    if (chance.flip(0.3)) await sendAgain(shop);
  }
}

/** And then asks for what it missed. */
async function enable(shop: Shop, endpointId: EndpointId): Promise<void> {
  const told = await shop.cluster.ask("enable endpoint", async (process) =>
    change(process.platform, await booksIn(process, shop.accountId), endpointId, {
      url: null,
      events: null,
      enabled: true,
    }),
  );
  if (told.kind !== "answer" || shop.chance.flip(0.5)) return;
  await command(
    shop,
    "replay",
    `replay-${endpointId}-${shop.stage.timeline.now()}`,
    (process, books, keyed) => {
      const until = books.now();
      const span = { since: plusMicros(until, BigInt(-3 * DAY)), until };
      return replayFailed(process.platform, books, { endpointId, span, keyed, present: String });
    },
  );
}

/** One of the newest events, delivered or not. */
async function sendAgain(shop: Shop): Promise<void> {
  const [event] = await shop.stage.observe<{ event_id: EventId }>(
    "select event_id from events where account_id = $1 order by created_at desc, event_id desc offset $2 limit 1",
    [shop.accountId, shop.chance.below(10)],
  );
  if (!event) return;
  await wait(shop, shop.chance.about(HOUR), "wonders");
  await command(shop, "redeliver", `redeliver-${event.event_id}`, (process, books, keyed) =>
    redeliver(process.platform, books, {
      eventId: event.event_id,
      endpointId: null,
      keyed,
      present: (to) => to.join(),
    }),
  );
}
