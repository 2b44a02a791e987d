/**
 * All chance of a simulation, from one seed. Every part draws from a stream of its own, so that a part which draws once
 * more does not change what all the others meet.
 */
import { createHash } from "node:crypto";

export type Chance = {
  /** At least 0, less than 1. */
  float(): number;
  /** A whole number of at least 0, less than `limit`. */
  below(limit: number): number;
  /** At least `low`, less than `high`. */
  between(low: number, high: number): number;
  /** Exponentially distributed: mostly less than the mean, now and then much more. */
  about(mean: number): number;
  flip(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
  bytes(count: number): Buffer;
  /** A stream of its own that depends on this one's seed and on `name` alone. */
  fork(name: string): Chance;
};

export function createChance(seed: string): Chance {
  const next = sfc32(createHash("sha256").update(seed).digest());
  const chance: Chance = {
    float: () => next() / 2 ** 32,
    below: (limit) => Math.floor(chance.float() * limit),
    between: (low, high) => low + chance.float() * (high - low),
    about: (mean) => -Math.log(1 - chance.float()) * mean,
    flip: (probability) => chance.float() < probability,
    pick<T>(from: readonly T[]): T {
      if (from.length === 0) throw new Error("There is nothing to pick from.");
      return from[chance.below(from.length)] as T;
    },
    weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
      const entries = Object.entries(weights) as [K, number][];
      let left = chance.float() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      throw new Error("Nothing has any weight.");
    },
    bytes(count) {
      const buffer = Buffer.alloc(count);
      for (let at = 0; at < count; at++) buffer[at] = next() & 0xff;
      return buffer;
    },
    fork: (name) => createChance(`${seed}/${name}`),
  };
  return chance;
}

/** Chris Doty-Humphrey's small fast counter: 32 bits a draw, a period of at least 2^32, plain integer arithmetic. */
function sfc32(seed: Buffer): () => number {
  let a = seed.readInt32LE(0);
  let b = seed.readInt32LE(4);
  let c = seed.readInt32LE(8);
  let counter = seed.readInt32LE(12);
  return () => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result >>> 0;
  };
}
