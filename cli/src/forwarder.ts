/**
 * Sends events to the developer's receiver as the platform would: events of one intent in their order, several intents side
 * by side. A receiver that takes no connection is most likely being restarted: everything waits for it and nothing is
 * dropped. An answer other than 2xx is an answer, shown and not repeated, since the same code would give it again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { SendOutcome } from "@mintro/server/flows/webhooks/send";
import type { FeedEvent } from "./feed.ts";

export type Forwarder = {
  /** Takes events in the order of happening. */
  add(events: readonly FeedEvent[]): void;
  /** Resolves when nothing is under way any more; after the signal, when what was begun has its answer. */
  ended(): Promise<void>;
  /** What was added and is not sent yet, the oldest first. */
  unsent(): FeedEvent[];
};

export type ForwarderHooks = {
  readonly send: (event: FeedEvent) => Promise<SendOutcome>;
  readonly onSent: (event: FeedEvent, outcome: SendOutcome) => void;
  /** Once for each outage of the receiver. */
  readonly onDown: (event: FeedEvent, outcome: SendOutcome) => void;
  readonly onUp: (downMs: number) => void;
  readonly signal: AbortSignal;
};

/** While it lasts, one event tries the receiver, and the others wait for that. */
type Outage = {
  readonly prober: string;
  readonly since: number;
  readonly over: PromiseWithResolvers<void>;
};

const AT_ONCE = 8;
const AGAIN_AFTER_MS = 1_000;
const AGAIN_AFTER_MOST_MS = 5_000;
/** A receiver that breaks off on one event, again and again, is broken by it. */
const BREAKS_MOST = 5;

export function createForwarder(hooks: ForwarderHooks): Forwarder {
  const { signal } = hooks;
  const waiting: FeedEvent[] = [];
  const underWay = new Map<string, FeedEvent>();
  let outage: Outage | null = null;
  const deliveries = new Set<Promise<void>>();

  function start(): void {
    while (underWay.size < AT_ONCE && !signal.aborted) {
      const next = waiting.findIndex(({ intentId }) => !underWay.has(intentId));
      const [event] = next === -1 ? [] : waiting.splice(next, 1);
      if (!event) break;
      underWay.set(event.intentId, event);
      const delivery = deliver(event).then((isSent) => {
        if (isSent) underWay.delete(event.intentId);
        deliveries.delete(delivery);
        start();
      });
      deliveries.add(delivery);
    }
  }

  /** False where the signal ended it. */
  async function deliver(event: FeedEvent): Promise<boolean> {
    for (let tries = 1; !signal.aborted; ) {
      if (outage && outage.prober !== event.id) {
        await outage.over.promise;
        continue;
      }
      const outcome = await hooks.send(event);
      if (signal.aborted && outcome.status === null) return false;
      if (!isDown(outcome, tries)) {
        endOutage(event);
        hooks.onSent(event, outcome);
        return true;
      }
      if (!outage) {
        outage = { prober: event.id, since: performance.now(), over: Promise.withResolvers() };
        hooks.onDown(event, outcome);
      }
      await waitBefore(tries, signal);
      tries += 1;
    }
    return false;
  }

  function endOutage(event: FeedEvent): void {
    if (outage?.prober !== event.id) return;
    const { since, over } = outage;
    outage = null;
    hooks.onUp(performance.now() - since);
    over.resolve();
  }

  signal.addEventListener("abort", () => outage?.over.resolve(), { once: true });

  return {
    add(events) {
      waiting.push(...events);
      start();
    },
    async ended() {
      while (deliveries.size > 0) await Promise.all(deliveries);
    },
    unsent: () => [...underWay.values(), ...waiting].sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1)),
  };
}

async function waitBefore(tries: number, signal: AbortSignal): Promise<void> {
  const waitMs = Math.min(AGAIN_AFTER_MS * tries, AGAIN_AFTER_MOST_MS);
  await sleep(waitMs, undefined, { signal }).catch(() => undefined); // it was told to stop
}

/** No connection at all, or one that broke off before an answer; a certificate or a time-out will not mend itself. */
function isDown({ status, error }: SendOutcome, tries: number): boolean {
  if (status !== null || error === null) return false;
  if (/^(?:connection closed|closed without)/.test(error)) return tries < BREAKS_MOST;
  return /^(?:connection refused|timed out while connecting|host not reachable|network not reachable|name )/.test(
    error,
  );
}
