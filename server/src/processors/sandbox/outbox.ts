/**
 * What the sandbox is about to notify the platform of. Whatever it has done is news until an answer about it has got through, so an
 * ordinary payment sends nothing and writes nothing: its news waits in memory and is dropped with the answer. What is
 * lost with the process is found by the platform's own look-up.
 */
import { NOTIFICATIONS } from "../../base/limits.ts";
import { later } from "../../base/pause.ts";
import type { Notification } from "../processor.ts";

export interface Outbox {
  /** The sandbox has done something that the platform may not learn in an answer. */
  changed(news: Notification, how: "in_a_call" | "by_the_customer"): void;
  /** An answer about it has got through. */
  answered(news: Notification): void;
}

/** For a sandbox that never notifies. */
export const NO_OUTBOX: Outbox = { changed() {}, answered() {} };

export type OutboxWaits = {
  readonly [wait in "unansweredMs" | "challengeMs"]: number;
};

/** `post` tries once to have the platform take it: false, and it is tried again by and by. Never rejects. Wall time. */
export function createOutbox(options: {
  readonly post: (news: Notification) => Promise<boolean>;
  readonly waits: OutboxWaits;
  readonly stopping: AbortSignal;
}): Outbox {
  const { post, waits, stopping } = options;
  const waiting = new Map<string, () => void>();

  const drop = (key: string) => {
    waiting.get(key)?.();
    waiting.delete(key);
  };
  const wait = (key: string, news: Notification, [afterMs, ...more]: readonly number[]) => {
    drop(key);
    if (afterMs === undefined || stopping.aborted || waiting.size >= NOTIFICATIONS.waiting) return;
    const cancel = later(afterMs, () => {
      waiting.delete(key);
      void post(news).then((taken) => {
        if (!taken && !waiting.has(key)) wait(key, news, more);
      });
    });
    waiting.set(key, cancel);
  };
  stopping.addEventListener("abort", () => {
    for (const key of waiting.keys()) drop(key);
  });

  return {
    changed(news, how) {
      const first = how === "in_a_call" ? waits.unansweredMs : waits.challengeMs;
      wait(keyOf(news), news, [first, ...NOTIFICATIONS.againAfterMs]);
    },
    answered: (news) => drop(keyOf(news)),
  };
}

function keyOf({ accountId, about }: Notification): string {
  return `${accountId}/${about.kind === "attempt" ? about.attemptKey : about.refundKey}`;
}
