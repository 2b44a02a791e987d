/**
 * Guessing and card testing: wrong API keys, payment links that nobody knows, and cards sent, by address; declines by
 * account. The answer beyond a limit is 429 with Retry-After, before anything is looked up or charged. A key or a link that
 * was right before stays open from the same address, so that a guesser behind it locks nobody out, and no guess is tried.
 * Whose address counts, MINTRO_TRUSTED_PROXIES decides (Fastify's `request.ip`); this machine's own is not counted.
 */
import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { MISUSE } from "../base/limits.ts";
import type { Log } from "../base/log.ts";
import { networkOf } from "../base/network-of.ts";
import { createWindowCounter, forgetOldest, type WindowCounter } from "../base/window-counter.ts";
import type { World } from "../base/world.ts";
import type { AccountId } from "../domain/ids.ts";
import type { RequestFailure } from "./answer.ts";

/** So many in a window of MISUSE.windowMs; see there for what each counts. */
export type MisuseLimits = {
  readonly [limit in
    | "wrongKeys"
    | "unknownLinks"
    | "attempts"
    | "declinesInAccount"
    | "badNotifications"]: number;
};

type Refusal = Extract<RequestFailure, { kind: "too_many_requests" }>;

/** One kind of guess. `proof` is what is shown as the right: the same proof is known again, and kept only as its hash. */
export type Guesses = {
  refuse(request: FastifyRequest, proof: string): Refusal | null;
  note(request: FastifyRequest, proof: string, isRight: boolean): void;
};

/** `forgive` takes the attempt off the account's declines: it was none. */
export type Attempt =
  | { readonly ok: true; readonly forgive: () => void }
  | { readonly ok: false; readonly failure: Refusal };

export type Misuse = {
  readonly keys: Guesses;
  readonly links: Guesses;
  /** Counts a card about to be sent. */
  attempt(request: FastifyRequest, accountId: AccountId): Attempt;
  /** Counts a demo payment about to be made. */
  demo(request: FastifyRequest): Refusal | null;
  /** Notifications that turned out to be no processor's. */
  readonly notifications: {
    refuse(request: FastifyRequest): Refusal | null;
    count(request: FastifyRequest): void;
  };
};

type Parts = { readonly world: World; readonly log: Log; readonly limits: MisuseLimits };

export function createMisuse(parts: Parts): Misuse {
  const networkFor = createAsker(parts.log);
  const attempts = counterOf(parts, "attempts");
  const declines = counterOf(parts, "declinesInAccount");
  const bad = counterOf(parts, "badNotifications");
  const sent = (network: string): Refusal | null => {
    const refusal = attempts.refuse(network);
    if (!refusal) attempts.count(network);
    return refusal;
  };
  return {
    keys: createGuesses(parts, "wrongKeys", networkFor),
    links: createGuesses(parts, "unknownLinks", networkFor),
    attempt(request, accountId) {
      const network = networkFor(request);
      if (network === null) return { ok: true, forgive() {} };
      const failure = sent(network) ?? declines.refuse(accountId);
      if (failure) return { ok: false, failure };
      declines.count(accountId);
      return { ok: true, forgive: () => declines.uncount(accountId) };
    },
    demo(request) {
      const network = networkFor(request);
      return network === null ? null : sent(network);
    },
    notifications: {
      refuse(request) {
        const network = networkFor(request);
        return network === null ? null : bad.refuse(network);
      },
      count(request) {
        const network = networkFor(request);
        if (network !== null) bad.count(network);
      },
    },
  };
}

/** Null: this machine itself. A proxy on it that nobody named would make all customers look so, which is said once. */
type Asker = (request: FastifyRequest) => string | null;

function createAsker(log: Log): Asker {
  let said = false;
  return (request) => {
    const network = networkOf(request.ip);
    if (network === null && !said && request.headers["x-forwarded-for"] !== undefined) {
      said = true;
      log.warn(
        "a proxy on this machine is not named in MINTRO_TRUSTED_PROXIES: guessing and card testing are not held up",
      );
    }
    return network;
  };
}

function createGuesses(parts: Parts, limit: "wrongKeys" | "unknownLinks", networkFor: Asker): Guesses {
  const counter = counterOf(parts, limit);
  const right = new Set<string>();
  const known = (network: string, proof: string) =>
    createHash("sha256").update(`${network}\n${proof}`).digest("base64");
  return {
    refuse(request, proof) {
      const network = networkFor(request);
      if (network === null) return null;
      const refusal = counter.refuse(network);
      return refusal && !right.has(known(network, proof)) ? refusal : null;
    },
    note(request, proof, isRight) {
      const network = networkFor(request);
      if (network === null) return;
      if (!isRight) return counter.count(network);
      const key = known(network, proof);
      right.delete(key); // so that the least recently used is forgotten first
      if (right.size >= MISUSE.remembered) forgetOldest(right);
      right.add(key);
    },
  };
}

type Counter = Pick<WindowCounter, "uncount"> & {
  refuse(key: string): Refusal | null;
  count(key: string): void;
};

function counterOf({ world, log, limits }: Parts, limit: keyof MisuseLimits): Counter {
  const counter = createWindowCounter(world, MISUSE.windowMs, MISUSE.remembered);
  return {
    refuse(key) {
      const wait = counter.waitSeconds(key, limits[limit]);
      return wait === null ? null : { kind: "too_many_requests", retryAfterSeconds: wait };
    },
    count(key) {
      // Once a window: a line for each request would be one more thing to flood.
      if (counter.count(key) === limits[limit])
        log.warn({ limit, from: key }, "guessing or card testing is held up");
    },
    uncount: (key) => counter.uncount(key),
  };
}
