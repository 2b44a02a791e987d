/**
 * Looks at a feed again and again until it is told to stop, for `listen` and `events tail`. A Mintro that does not answer
 * (a restart, a laptop that slept) is waited for, and the place in the feed is kept, so nothing is missed meanwhile.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { MintroError } from "@mintro/sdk/src/index.ts";
import { asking, type Connection } from "./api.ts";
import type { Feed, FeedEvent } from "./feed.ts";
import type { Output } from "./output.ts";

const LOOK_EVERY_MS = 500;
const AGAIN_AFTER_MS = 500;
const AGAIN_AFTER_MOST_MS = 5_000;

/**
 * Calls `onEvents` with what is new until the signal. The first look must succeed, since a wrong address or secret is
 * told at once; `onReady` follows it. Later refusals that waiting cannot mend (a revoked client) end it, by an exception.
 */
export async function follow(
  connection: Connection,
  feed: Feed,
  options: {
    readonly onReady: () => void;
    readonly onEvents: (events: readonly FeedEvent[]) => void;
    readonly output: Output;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { onReady, onEvents, output, signal } = options;
  const first = await asking(connection, () => feed.look());
  onReady();
  if (first.length > 0) onEvents(first);
  let failures = 0;
  while (!signal.aborted) {
    const waitMs =
      failures === 0 ? LOOK_EVERY_MS : Math.min(AGAIN_AFTER_MS * 2 ** (failures - 1), AGAIN_AFTER_MOST_MS);
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const events = await feed.look();
      if (failures > 0) tellState(output, connection, "up");
      failures = 0;
      if (events.length > 0) onEvents(events);
    } catch (error) {
      if (!(error instanceof MintroError) || !mendsItself(error))
        return await asking(connection, () => Promise.reject(error));
      if (failures === 0) tellState(output, connection, "down", error.message);
      failures += 1;
    }
  }
}

function mendsItself({ retryable, status }: MintroError): boolean {
  return retryable || status === null || status >= 500;
}

function tellState(output: Output, { baseUrl }: Connection, state: "up" | "down", why?: string): void {
  output.tell({ type: state === "up" ? "mintro_up" : "mintro_down", url: baseUrl });
  output.note(
    state === "up"
      ? `Mintro at ${baseUrl} answers again. Nothing was missed.`
      : `Mintro at ${baseUrl} does not answer now (${why}). Waiting for it; what happens meanwhile is told afterwards.`,
  );
}
