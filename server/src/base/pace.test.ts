import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createPace } from "./pace.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("what comes now and then is done at once; of a flood so much a second, in the order in which it came", () => {
  const pace = createPace(300);
  const done: number[] = [];
  for (let task = 0; task < 2; task++) pace(() => done.push(task));
  expect(done).toEqual([0, 1]);
  vi.advanceTimersByTime(1_000);
  for (let task = 0; task < 10; task++) pace(() => done.push(task));
  expect(done).toEqual([0, 1, 0, 1, 2]);
  vi.advanceTimersByTime(10);
  expect(done.slice(5)).toEqual([3, 4, 5]);
  pace(() => done.push(10));
  vi.advanceTimersByTime(20);
  expect(done.slice(8)).toEqual([6, 7, 8, 9, 10]);
  vi.advanceTimersByTime(20);
  pace(() => done.push(11));
  expect(done.at(-1)).toBe(11);
  vi.advanceTimersByTime(1_000);
  expect(vi.getTimerCount()).toBe(0);
});
