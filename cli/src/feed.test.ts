/** The feed against lists of events as the platform could show them, in every order of becoming visible. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFeed, type FeedEvent, type FeedPage } from "./feed.ts";

type Planned = FeedEvent & { readonly visibleAt: number };

const START = Date.parse("2026-11-23T12:00:00Z");

function event(number: number, at: number, visibleAt: number): Planned {
  const createdAt = new Date(START + at).toISOString().replace("Z", "000Z");
  const id = `evt_${String(number).padStart(6, "0")}`;
  return { id, event: "payment.succeeded", intentId: `pi_${number % 7}`, createdAt, body: "{}", visibleAt };
}

/** The API's list: newest first by time and id, a page after the one that ends with `cursor`. */
function listOf(events: readonly Planned[], clock: { now: number }, limit: number) {
  const key = ({ createdAt, id }: FeedEvent) => `${createdAt} ${id}`;
  return (cursor: string | null): Promise<FeedPage> => {
    const visible = events.filter(({ visibleAt }) => visibleAt <= clock.now);
    const behind = visible.filter((each) => cursor === null || key(each) < cursor);
    behind.sort((a, b) => (key(a) < key(b) ? 1 : -1));
    const shown = behind.slice(0, limit);
    const last = shown.at(-1);
    return Promise.resolve({ events: shown, next: last && behind.length > limit ? key(last) : null });
  };
}

describe("the feed", () => {
  it("tells each event once, whatever comes in a burst, at one instant, late, or while it cannot look", async () => {
    const planned = fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 120_000 }),
        // Bursts of one instant are likely, and so are transactions that take long.
        coarse: fc.constantFrom(1, 1_000, 20_000),
        late: fc.constantFrom(0, 5, 900, 20_000, 45_000),
      }),
      { minLength: 1, maxLength: 150 },
    );
    const outage = fc.record({
      from: fc.integer({ min: 0, max: 100_000 }),
      ms: fc.integer({ min: 0, max: 90_000 }),
    });
    await fc.assert(
      fc.asyncProperty(
        planned,
        outage,
        fc.constantFrom(2, 7, 100),
        fc.boolean(),
        async (plan, down, limit, fromStart) => {
          const clock = { now: 0 };
          const events = plan.map(({ at, coarse, late }, index) => {
            const happened = Math.floor(at / coarse) * coarse;
            return event(index, happened, happened + late);
          });
          const readPage = listOf(events, clock, limit);
          const isDown = () => clock.now >= down.from && clock.now < down.from + down.ms;
          const read = (cursor: string | null) => {
            if (isDown()) return Promise.reject(new Error("away"));
            return readPage(cursor);
          };
          const since = fromStart ? new Date(START).toISOString() : null;
          const feed = createFeed(read, { since, now: () => clock.now });
          const told: FeedEvent[] = [];
          let startedAt: number | null = null;
          for (; clock.now <= 300_000; clock.now += 500) {
            const found = await feed.look().catch(() => null);
            if (found === null) continue;
            startedAt ??= clock.now;
            expect(found.map(({ createdAt }) => createdAt)).toEqual(
              found.map(({ createdAt }) => createdAt).sort(),
            );
            told.push(...found);
          }
          const ids = told.map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          const wanted = events.filter(({ visibleAt }) => fromStart || visibleAt > (startedAt ?? 0));
          // What was on its way for longer than the first look goes back may be told or not; all else must be.
          const missed = wanted.filter(({ id }) => !ids.includes(id));
          expect(missed.map(({ id }) => id)).toEqual([]);
          if (fromStart) expect(ids.length).toBe(events.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("tells nothing of what was there before it, however much that is, and everything after", async () => {
    const clock = { now: 0 };
    const old = Array.from({ length: 2_500 }, (_, index) => event(index, index, 0));
    const events = [...old];
    const feed = createFeed(listOf(events, clock, 100), { since: null, now: () => clock.now });
    expect(await feed.look()).toEqual([]);
    events.push(event(9_001, 2_499, 400), event(9_000, 2_499, 400), event(9_002, 2_600, 400));
    clock.now = 500;
    expect((await feed.look()).map(({ id }) => id)).toEqual(["evt_009000", "evt_009001", "evt_009002"]);
    clock.now = 1_000;
    expect(await feed.look()).toEqual([]);
  });

  it("forgets what is long over and still tells nothing twice", async () => {
    const clock = { now: 0 };
    const events: Planned[] = [];
    const feed = createFeed(listOf(events, clock, 100), { since: null, now: () => clock.now });
    await feed.look();
    let told = 0;
    for (let round = 0; round < 60; round += 1) {
      for (let each = 0; each < 50; each += 1) events.push(event(events.length, clock.now + each, clock.now));
      clock.now += 5_000;
      told += (await feed.look()).length;
    }
    expect(told).toBe(3_000);
    for (let round = 0; round < 20; round += 1) {
      clock.now += 5_000;
      expect(await feed.look()).toEqual([]);
    }
  });
});
