import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WORKER } from "../base/limits.ts";
import { createPlaces, type Holder, holdersOf, holdersOfDelivery } from "./places.ts";

const to = (endpointId: string, isFailing = false) => holdersOfDelivery({ endpointId, isFailing });

/** Lets each take one after the other, for as long as anybody may; how many each has then. */
function fill(size: number, all: readonly (readonly Holder[])[]): { counts: number[]; free: number } {
  const places = createPlaces(size);
  const counts = all.map(() => 0);
  for (let begun = true; begun; ) {
    begun = false;
    for (const [index, holders] of all.entries()) {
      if (!places.mayTake(holders)) continue;
      places.take(holders);
      counts[index] = (counts[index] ?? 0) + 1;
      begun = true;
    }
  }
  return { counts, free: places.free() };
}

const endpoints = (count: number, failing = false) =>
  Array.from({ length: count }, (_, n) => to(`endpoint ${n}`, failing));

describe("places for deliveries", () => {
  it("one endpoint alone gets as many as one may have", () => {
    expect(fill(WORKER.deliveries, endpoints(1)).counts).toEqual([WORKER.deliveriesPerEndpoint]);
  });

  it("one account with as many endpoints as it may have leaves some thirty of a hundred free", () => {
    const { counts, free } = fill(WORKER.deliveries, endpoints(16));
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(6);
    expect(free).toBeGreaterThanOrEqual(WORKER.deliveries * 0.3);
  });

  it("a hundred endpoints get two or three, and some places stay free for the next", () => {
    const { counts, free } = fill(WORKER.deliveries, endpoints(100));
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
    expect(free).toBeGreaterThan(10);
  });

  it("however many endpoints fail, half of the places are for those that do not", () => {
    const { free } = fill(WORKER.deliveries, endpoints(1_000, true));
    expect(free).toBe(WORKER.deliveries / 2);
  });

  it("whoever has nothing under way gets any place that is free", () => {
    const places = createPlaces(4);
    for (const name of ["a", "b", "c", "d"]) {
      expect(places.mayTake(to(name))).toBe(true);
      places.take(to(name));
    }
    expect(places.mayTake(to("e"))).toBe(false);
    places.giveBack(to("a"));
    expect(places.mayTake(to("e"))).toBe(true);
  });
});

it("of everything else one account gets two thirds, and each of many its part", () => {
  const [alone] = fill(WORKER.concurrency, [holdersOf({ accountId: "a" })]).counts;
  expect(alone).toBe((WORKER.concurrency / 3) * 2);
  const many = Array.from({ length: 5 }, (_, n) => holdersOf({ accountId: `${n}` }));
  const { counts } = fill(WORKER.concurrency, many);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(4);
});

it("never more is taken than there is, what is given back can be taken again, and who may not take is named as full", () => {
  const holder = fc.record({
    endpointId: fc.constantFrom("1", "2", "3", "4"),
    isFailing: fc.boolean(),
  });
  const steps = fc.array(fc.record({ due: holder, isTaking: fc.boolean() }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), steps, (size, wanted) => {
      const places = createPlaces(size);
      const taken: Holder[][] = [];
      for (const { due, isTaking } of wanted) {
        const holders = holdersOfDelivery(due);
        if (!isTaking) {
          const back = taken.shift();
          if (back) places.giveBack(back);
        } else if (places.mayTake(holders)) {
          places.take(holders);
          taken.push(holders);
        } else if (places.free() > 0) {
          const full = places.full();
          expect(holders.some(({ key }) => full.has(key))).toBe(true);
        }
        expect(places.free()).toBe(size - taken.length);
        expect(places.free()).toBeGreaterThanOrEqual(0);
      }
      for (const holders of taken) places.giveBack(holders);
      expect(places.free()).toBe(size);
      expect(places.full().size).toBe(0);
    }),
  );
});
