/** Gives drafts their ids and writes them, with their deliveries, in the transaction of the change. */
import type { Instant } from "../base/instant.ts";
import { type EventDraft, newEvent } from "../domain/event.ts";
import { newEventId } from "../domain/ids.ts";
import type { IntentFacts } from "../domain/intent.ts";
import type { Tx } from "../store/database.ts";
import { insertEvents } from "../store/events.ts";
import type { Platform } from "./platform.ts";

export async function writeEvents(
  platform: Platform,
  tx: Tx,
  intent: IntentFacts,
  drafts: readonly EventDraft[],
  at: Instant,
): Promise<void> {
  const { random } = platform.world;
  // In the order of happening also where they share their time, so that lists show them in it.
  const ids = drafts.map(() => newEventId({ at, random })).sort();
  const events = drafts.flatMap((draft, index) => {
    const eventId = ids[index];
    return eventId ? [newEvent(draft, intent, { eventId, at })] : [];
  });
  await insertEvents(tx, intent.accountId, intent.intentId, events);
}
