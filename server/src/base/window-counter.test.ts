/** Counting in windows, and the networks that are counted. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Instant, instantFromMs } from "./instant.ts";
import { networkOf } from "./network-of.ts";
import { createWindowCounter } from "./window-counter.ts";

/** A clock that stands where a test puts it. */
function clock(): {
  world: { now: () => Instant; random: (bytes: number) => Buffer };
  at: (ms: number) => void;
} {
  let ms = 0;
  return {
    world: { now: () => instantFromMs(ms), random: (bytes) => Buffer.alloc(bytes) },
    at: (to) => {
      ms = to;
    },
  };
}

describe("a counter of windows", () => {
  test("counts each key by itself, from its first until a window's length later", () => {
    const { world, at } = clock();
    const counter = createWindowCounter(world, 60_000, 100);
    expect([counter.count("a"), counter.count("a"), counter.count("b")]).toEqual([1, 2, 1]);
    expect(counter.waitSeconds("a", 2)).toBe(60);
    expect(counter.waitSeconds("a", 3)).toBeNull();
    expect(counter.waitSeconds("nobody", 1)).toBeNull();
    at(59_999);
    expect(counter.waitSeconds("a", 2)).toBe(1);
    at(60_000);
    expect(counter.waitSeconds("a", 2)).toBeNull();
    expect(counter.count("a")).toBe(1);
  });

  test("takes back what was counted, never below nothing, and never from a later window", () => {
    const { world, at } = clock();
    const counter = createWindowCounter(world, 60_000, 100);
    counter.uncount("a");
    counter.count("a");
    counter.uncount("a");
    counter.uncount("a");
    expect(counter.count("a")).toBe(1);
    at(60_000);
    counter.uncount("a");
    expect(counter.count("a")).toBe(1);
  });

  test("agrees with a plain list of what happened, and never remembers more keys than it may", () => {
    const step = fc.record({ key: fc.constantFrom("a", "b", "c"), after: fc.integer({ min: 0, max: 40 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { world, at } = clock();
        const counter = createWindowCounter(world, 100, 3);
        const plain = new Map<string, { start: number; count: number }>();
        let now = 0;
        for (const { key, after } of steps) {
          now += after;
          at(now);
          const known = plain.get(key);
          const window = known && now < known.start + 100 ? known : { start: now, count: 0 };
          window.count += 1;
          plain.set(key, window);
          expect(counter.count(key)).toBe(window.count);
        }
        expect(counter.size()).toBeLessThanOrEqual(3);
      }),
    );
    const { world } = clock();
    const counter = createWindowCounter(world, 60_000, 50);
    for (let each = 0; each < 100_000; each++) counter.count(`key ${each}`);
    expect(counter.size()).toBe(50);
    expect(counter.waitSeconds("key 99999", 1)).toBe(60);
    expect(counter.waitSeconds("key 0", 1)).toBeNull();
  });
});

describe("whose requests count together", () => {
  test.each([
    ["203.0.113.9", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["::ffff:cb00:7109", "203.0.113.9"],
    ["2001:db8:1:2::1", "20010db800010002::/64"],
    ["2001:db8:1:2:ffff:ffff:ffff:ffff", "20010db800010002::/64"],
    ["2001:db8:1:3::1", "20010db800010003::/64"],
    ["fe80::1%eth0", "fe80000000000000::/64"],
    ["10.0.0.1", "10.0.0.1"],
    ["no address", "no address"],
    ["127.0.0.1", null],
    ["127.8.9.10", null],
    ["::1", null],
    ["::ffff:127.0.0.1", null],
  ])("%s counts as %s", (ip, network) => {
    expect(
      networkOf(ip)?.replace(/^([0-9a-f]+)::/, (_, bits: string) => `${bits.padStart(16, "0")}::`) ?? null,
    ).toBe(network);
  });
});
