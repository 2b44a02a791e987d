import { randomBytes } from "node:crypto";
import { type Instant, instantFromMicros } from "./instant.ts";

/**
 * Clock and chance, from the outside. Nothing else in the server may read the clock or roll dice (tools/tidy.ts
 * checks it), so that a test can run a year in a second, and twice the same.
 */
export interface World {
  /** Wall time, in microseconds, never going backwards within this process. */
  readonly now: () => Instant;
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Buffer;
}

export function realWorld(): World {
  let last = 0n;
  return {
    now() {
      const read = BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000));
      const drift = BigInt(Date.now()) * 1000n - read;
      // performance.now() does not follow a corrected system clock; past a second apart, the system clock is right.
      const micros = drift > 1_000_000n || drift < -1_000_000n ? read + drift : read;
      last = micros > last ? micros : last;
      return instantFromMicros(last);
    },
    random: (bytes) => randomBytes(bytes),
  };
}
