/**
 * Merchants' receivers of webhooks. Each has good days and bad ones: it fails, refuses, hangs, is slow, asks for patience,
 * loses its own answers, or is gone.
 */
import type { AccountId, EndpointId } from "../../src/domain/ids.ts";
import type { Chance } from "./chance.ts";
import type { BadMood } from "./fault-plan.ts";
import type { Keyring } from "./keyring.ts";
import { DAY, HOUR, MINUTE, SECOND, type Stage } from "./stage.ts";

type Mood = "up" | BadMood;

const BAD_MOODS: Readonly<Record<Exclude<BadMood, "gone">, number>> = {
  failing: 4,
  refusing: 2,
  hanging: 2,
  busy: 3,
  slow: 3,
  forgetful: 3,
};

/** Where an endpoint of the platform points: each has a receiver of its own. */
export type Receiver = {
  readonly accountId: AccountId;
  readonly url: string;
  readonly keyring: Keyring;
  /** Null: its owner has not been told. */
  endpointId: EndpointId | null;
  /** Since when, in microseconds, its owner knows that nothing is to come any more; null: it may. */
  closedSince: number | null;
  /** What it has acknowledged, by event id; the number of times it did. */
  readonly accepted: Map<string, number>;
  react(): Reaction;
  /** Resolves when the next try is on its way. */
  nextTry(): Promise<void>;
  /** Tells those who wait for it. */
  tried(): void;
};

export type Receivers = Map<string, Receiver>;

/** `status` null: it never answers. `way`: it cannot be reached, or its answer is lost on the way back. */
export type Reaction = {
  readonly status: number | null;
  readonly way: "clear" | "refused" | "answer lost";
  readonly afterMicros: number;
  readonly retryAfterMs: number | null;
};

/** `mayBeGone`: on some bad days it answers 410, and the platform disables its endpoint. */
export function createReceiver(
  stage: Stage,
  receiver: Pick<Receiver, "accountId" | "url" | "keyring" | "endpointId"> & { readonly mayBeGone: boolean },
): Receiver {
  const chance = stage.chance.fork(`receiver/${receiver.url}`);
  let mood: Mood = "up";
  let until = Number(stage.timeline.now()) + chance.about(DAY);
  const moodNow = (): Mood => {
    while (Number(stage.timeline.now()) >= until) {
      mood = mood === "up" ? nextBadMood(chance, receiver.mayBeGone) : "up";
      until += mood === "up" ? HOUR + chance.about(2 * DAY) : howLong(chance);
    }
    if (!stage.troubled) return "up";
    const planned = stage.faults.mood();
    if (planned !== null) return planned;
    return mood === "up" && chance.flip(0.02) ? chance.weighted(BAD_MOODS) : mood;
  };
  let waiting: (() => void)[] = [];
  return {
    accountId: receiver.accountId,
    url: receiver.url,
    keyring: receiver.keyring,
    endpointId: receiver.endpointId,
    closedSince: null,
    accepted: new Map(),
    react: () => reactionOf(stage, chance, moodNow()),
    nextTry: () => new Promise((resolve) => waiting.push(resolve)),
    tried() {
      const told = waiting;
      waiting = [];
      for (const tell of told) tell();
    },
  };
}

function nextBadMood(chance: Chance, mayBeGone: boolean): Mood {
  return mayBeGone && chance.flip(0.15) ? "gone" : chance.weighted(BAD_MOODS);
}

/** Minutes as a rule, hours now and then, and at times long enough for the platform to give the endpoint up. */
function howLong(chance: Chance): number {
  const kind = chance.weighted({ minutes: 70, hours: 25, days: 5 });
  if (kind === "minutes") return chance.about(10 * MINUTE);
  return kind === "hours" ? chance.about(8 * HOUR) : chance.between(DAY, 7 * DAY);
}

function reactionOf(stage: Stage, chance: Chance, mood: Mood): Reaction {
  if (mood !== "up") stage.count(`receiver: ${mood}`);
  const soon = 1_000 + chance.about(20_000);
  const answer = (status: number | null, change: Partial<Reaction> = {}): Reaction => ({
    status,
    way: "clear",
    afterMicros: soon,
    retryAfterMs: null,
    ...change,
  });
  switch (mood) {
    case "up":
      return answer(chance.pick([200, 200, 204]));
    case "failing":
      return answer(chance.pick([500, 502, 404, 302]));
    case "refusing":
      return answer(null, { way: "refused" });
    case "hanging":
      return answer(null);
    case "busy":
      return answer(503, { retryAfterMs: chance.flip(0.7) ? Math.round(chance.about(600_000)) : null });
    case "slow":
      return answer(200, { afterMicros: chance.between(SECOND, 20 * SECOND) });
    case "forgetful":
      return answer(200, { way: "answer lost" });
    case "gone":
      return answer(410);
  }
}
