import { describe, expect, test } from "vitest";
import { createBatcher, LATER, QueueFull } from "./batcher.ts";

type Options = Partial<{ size: number; concurrency: number; waiting: number; leftNothing: boolean }>;

/** A batcher whose runs wait until the test lets them go on, one after the other. */
function heldBatcher(answer: (item: number) => string | typeof LATER = String, options: Options = {}) {
  const runs: { key: string; items: readonly number[]; go: () => void }[] = [];
  const batcher = createBatcher<string, number, string>({
    size: options.size ?? 10,
    concurrency: options.concurrency ?? 1,
    waiting: options.waiting ?? 100,
    leftNothing: () => options.leftNothing ?? true,
    async run(key, items) {
      const { promise, resolve } = Promise.withResolvers<void>();
      runs.push({ key, items, go: resolve });
      await promise;
      return items.map(answer);
    },
  });
  const add = (item: number, key = "a") => batcher.add(key, item);
  return { add, runs };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Lets every run that waits, and every one that follows from it, go on. */
async function letGo(runs: { go: () => void }[]): Promise<void> {
  for (let done = 0; done < runs.length; done++) {
    runs[done]?.go();
    await turn();
    await turn();
  }
}

describe("calls that arrive together", () => {
  test("share one run, and each gets its own answer", async () => {
    const { add, runs } = heldBatcher();
    const answers = Promise.all([1, 2, 3].map((item) => add(item)));
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([[1, 2, 3]]);
    await letGo(runs);
    expect(await answers).toEqual(["1", "2", "3"]);
  });

  test("gather while a run is under way, and go together into the next", async () => {
    const { add, runs } = heldBatcher();
    const first = add(1);
    await turn();
    const later = Promise.all([2, 3].map((item) => add(item)));
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([[1]]);
    await letGo(runs);
    expect(runs.map(({ items }) => items)).toEqual([[1], [2, 3]]);
    expect([await first, ...(await later)]).toEqual(["1", "2", "3"]);
  });

  test("go in runs of the size allowed, as many at a time as allowed", async () => {
    const { add, runs } = heldBatcher(String, { size: 2, concurrency: 2 });
    const answers = Promise.all([1, 2, 3, 4, 5].map((item) => add(item)));
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    await letGo(runs);
    expect(runs.map(({ items }) => items)).toEqual([[1, 2], [3, 4], [5]]);
    expect(await answers).toHaveLength(5);
  });

  test("of different keys never share a run, nor wait for each other", async () => {
    const { add, runs } = heldBatcher();
    const answers = Promise.all([add(1, "a"), add(2, "b"), add(3, "a")]);
    await turn();
    expect(runs.map(({ key, items }) => [key, items])).toEqual([
      ["a", [1, 3]],
      ["b", [2]],
    ]);
    await letGo(runs);
    expect(await answers).toEqual(["1", "2", "3"]);
  });

  test("are refused beyond the queue's length, and taken again once there is room", async () => {
    const { add, runs } = heldBatcher(String, { waiting: 2 });
    const under = add(1);
    await turn();
    const waiting = [add(2), add(3)];
    await expect(add(4)).rejects.toThrow(QueueFull);
    await letGo(runs);
    expect(await Promise.all([under, ...waiting])).toEqual(["1", "2", "3"]);
    const again = add(5);
    await turn();
    await letGo(runs);
    expect(await again).toBe("5");
  });
});

describe("an item that a run puts off", () => {
  /** Puts off each of the items so many times. */
  function puttingOff(times: Record<number, number>) {
    const left = new Map(Object.entries(times).map(([item, count]) => [Number(item), count]));
    return (item: number) => {
      const count = left.get(item) ?? 0;
      left.set(item, count - 1);
      return count > 0 ? LATER : String(item);
    };
  }

  test("goes into the next run in its old order, before those that came meanwhile", async () => {
    const { add, runs } = heldBatcher(puttingOff({ 2: 1, 3: 2 }));
    const first = [1, 2, 3].map((item) => add(item));
    await turn();
    const meanwhile = [4, 5].map((item) => add(item));
    await turn();
    await letGo(runs);
    expect(runs.map(({ items }) => items)).toEqual([[1, 2, 3], [2, 3, 4, 5], [3]]);
    expect(await Promise.all([...first, ...meanwhile])).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("keeps nobody else waiting: what the run has settled is answered", async () => {
    const { add, runs } = heldBatcher(puttingOff({ 1: 1 }));
    const [off, settled] = [add(1), add(2)];
    await turn();
    runs[0]?.go();
    expect(await settled).toBe("2");
    await turn();
    expect(runs).toHaveLength(2);
    runs[1]?.go();
    expect(await off).toBe("1");
  });

  test("has its place in the queue, full or not", async () => {
    const { add, runs } = heldBatcher(puttingOff({ 1: 1, 2: 1 }), { size: 2, waiting: 2 });
    const answers = [1, 2].map((item) => add(item));
    await turn();
    answers.push(...[3, 4].map((item) => add(item)));
    await expect(add(5)).rejects.toThrow(QueueFull);
    await letGo(runs);
    expect(runs.map(({ items }) => items)).toEqual([
      [1, 2],
      [1, 2],
      [3, 4],
    ]);
    expect(await Promise.all(answers)).toEqual(["1", "2", "3", "4"]);
  });

  test("does so too where each of a failed run is made again alone", async () => {
    const putOff = puttingOff({ 1: 1, 2: 1 });
    let isFirst = true;
    const { add, runs } = heldBatcher((item) => {
      if (isFirst) {
        isFirst = false;
        throw new Error("all of them");
      }
      return putOff(item);
    });
    const answers = Promise.all([1, 2, 3].map((item) => add(item)));
    await turn();
    await letGo(runs);
    expect(runs.map(({ items }) => items)).toEqual([[1, 2, 3], [1], [2], [3], [1, 2]]);
    expect(await answers).toEqual(["1", "2", "3"]);
  });
});

describe("a run that throws", () => {
  const refuseThree = (item: number): string => {
    if (item === 3) throw new Error("no threes");
    return String(item);
  };

  test("and left nothing behind is made again for each alone, so that one bad item fails by itself", async () => {
    const { add, runs } = heldBatcher(refuseThree);
    const answers = Promise.allSettled([1, 2, 3, 4].map((item) => add(item)));
    await turn();
    await letGo(runs);
    expect(runs.map(({ items }) => items)).toEqual([[1, 2, 3, 4], [1], [2], [3], [4]]);
    expect((await answers).map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
  });

  test("and may have had its effect fails all of its items, and none is run again", async () => {
    const { add, runs } = heldBatcher(refuseThree, { leftNothing: false });
    const answers = Promise.allSettled([1, 2, 3].map((item) => add(item)));
    await turn();
    await letGo(runs);
    expect(runs).toHaveLength(1);
    expect((await answers).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  });

  test("does not stop the ones after it", async () => {
    const { add, runs } = heldBatcher(refuseThree, { leftNothing: false });
    const bad = add(3).catch((error: Error) => error.message);
    await turn();
    const good = add(4);
    await letGo(runs);
    await letGo(runs);
    expect([await bad, await good]).toEqual(["no threes", "4"]);
  });

  test("so does one that answers fewer items than it was given", async () => {
    const batcher = createBatcher<string, number, string>({
      size: 10,
      concurrency: 1,
      waiting: 10,
      leftNothing: () => false,
      run: async () => ["only one"],
    });
    const answers = await Promise.allSettled([batcher.add("a", 1), batcher.add("a", 2)]);
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});
