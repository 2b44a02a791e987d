/**
 * A way to the sandbox that goes wrong when a test says so: requests that never arrive, answers that are lost or come
 * late, requests that arrive twice. Whatever is not scripted goes straight through.
 */
import type { Link, LinkCall } from "../../src/processors/sandbox/link.ts";

export type Fault =
  /** The request is lost: the sandbox never hears of it. */
  | "timeout_before"
  /** The sandbox did its work; its answer is lost. */
  | "timeout_after"
  /** The sandbox did its work; its answer comes when the test releases it. */
  | "late"
  /** The request arrives twice at the same moment; the second one's answer comes back. */
  | "twice";

export type ScriptedFault = {
  /** Resolves when the fault has met its call; for `late`, when the sandbox has done its work. */
  readonly struck: Promise<void>;
  /** Lets a `late` answer come, now or as soon as it is there. Means nothing to the others. */
  readonly release: () => void;
};

export type FaultyLink = Link & {
  /** Every call so far, also the ones that got lost. */
  readonly calls: readonly LinkCall[];
  /** What the next charge, or the next call of another method, meets. Faults of one method wait their turn. */
  readonly nextCharge: (fault: Fault) => ScriptedFault;
  readonly next: (method: LinkCall["method"], fault: Fault) => ScriptedFault;
};

/** What the platform gets instead of an answer. */
class NoAnswer extends Error {
  override name = "NoAnswer";
}

type Waiting = { readonly fault: Fault; readonly strike: () => void; readonly released: Promise<void> };

export function createFaultyLink(): FaultyLink {
  const calls: LinkCall[] = [];
  const script = new Map<LinkCall["method"], Waiting[]>();

  const next: FaultyLink["next"] = (method, fault) => {
    const struck = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const waiting = { fault, strike: struck.resolve, released: released.promise };
    script.set(method, [...(script.get(method) ?? []), waiting]);
    return { struck: struck.promise, release: released.resolve };
  };

  return {
    calls,
    next,
    nextCharge: (fault) => next("charge", fault),
    async carry(call, send) {
      calls.push(call);
      const waiting = script.get(call.method)?.shift();
      return waiting ? await suffer(waiting, send) : await send();
    },
  };
}

async function suffer<T>({ fault, strike, released }: Waiting, send: () => Promise<T>): Promise<T> {
  try {
    switch (fault) {
      case "timeout_before":
        throw new NoAnswer("The request was lost on its way.");
      case "timeout_after":
        await send();
        throw new NoAnswer("The answer was lost on its way.");
      case "late": {
        const answer = await send();
        strike();
        await released;
        return answer;
      }
      case "twice": {
        const [, answer] = await Promise.all([send(), send()]);
        return answer;
      }
    }
  } finally {
    strike();
  }
}
