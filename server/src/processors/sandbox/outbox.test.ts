import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NOTIFICATIONS } from "../../base/limits.ts";
import type { AccountId, AttemptKey } from "../../domain/ids.ts";
import type { Notification } from "../processor.ts";
import { createOutbox } from "./outbox.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const news = (key: string): Notification => ({
  accountId: "account" as AccountId,
  about: { kind: "attempt", attemptKey: key as AttemptKey },
});

function open(taken: readonly boolean[] = []) {
  const posted: Notification[] = [];
  const stopping = new AbortController();
  const outbox = createOutbox({
    post: async (each) => {
      posted.push(each);
      return taken[posted.length - 1] ?? true;
    },
    waits: NOTIFICATIONS,
    stopping: stopping.signal,
  });
  return { outbox, posted, stop: () => stopping.abort() };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("news that an answer brought in time is never sent", async () => {
  const { outbox, posted } = open();
  outbox.changed(news("one"), "in_a_call");
  await pass(NOTIFICATIONS.unansweredMs - 1);
  outbox.answered(news("one"));
  await pass(600_000);
  expect(posted).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("news without an answer is sent once, and sooner where the customer made it", async () => {
  const { outbox, posted } = open();
  outbox.changed(news("one"), "in_a_call");
  outbox.changed(news("two"), "by_the_customer");
  await pass(NOTIFICATIONS.challengeMs);
  expect(posted).toEqual([news("two")]);
  await pass(600_000);
  expect(posted).toEqual([news("two"), news("one")]);
});

test("what was not taken is sent again with growing pauses, and then left to the look-ups", async () => {
  const { outbox, posted } = open([false, false, false, false]);
  outbox.changed(news("one"), "in_a_call");
  await pass(NOTIFICATIONS.unansweredMs);
  expect(posted).toHaveLength(1);
  for (const [at, pauseMs] of NOTIFICATIONS.againAfterMs.entries()) {
    await pass(pauseMs - 1);
    expect(posted).toHaveLength(at + 1);
    await pass(1);
    expect(posted).toHaveLength(at + 2);
  }
  await pass(3_600_000);
  expect(posted).toHaveLength(1 + NOTIFICATIONS.againAfterMs.length);
});

test("an answer between two tries ends them, and new news begins them anew", async () => {
  const { outbox, posted } = open([false, false]);
  outbox.changed(news("one"), "in_a_call");
  await pass(NOTIFICATIONS.unansweredMs);
  outbox.answered(news("one"));
  await pass(600_000);
  expect(posted).toHaveLength(1);
  outbox.changed(news("one"), "in_a_call");
  outbox.changed(news("one"), "in_a_call");
  await pass(NOTIFICATIONS.unansweredMs);
  expect(posted).toHaveLength(2);
});

test("a stop drops what waits, and nothing begins to wait after it", async () => {
  const { outbox, posted, stop } = open();
  outbox.changed(news("one"), "in_a_call");
  stop();
  outbox.changed(news("two"), "in_a_call");
  await pass(600_000);
  expect(posted).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("so many wait and no more", () => {
  const { outbox, stop } = open();
  for (let at = 0; at < NOTIFICATIONS.waiting + 5; at++) outbox.changed(news(`${at}`), "in_a_call");
  expect(vi.getTimerCount()).toBe(NOTIFICATIONS.waiting);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});
