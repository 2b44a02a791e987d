import { expect, test } from "vitest";
import { TEST_FAULTS } from "../../base/limits.ts";
import type { AccountId } from "../../domain/ids.ts";
import type { ChargeFault } from "../../domain/test-fault.ts";
import { directLink, type LinkCall } from "./link.ts";
import { rehearseFaults } from "./rehearsed-faults.ts";

const accountId = "01a2067c-b043-75f7-891a-400bc508234b" as AccountId;

function aLink(fault: ChargeFault | null) {
  const stopping = new AbortController();
  const taken: AccountId[] = [];
  let sent = 0;
  const link = rehearseFaults({
    take: async (from) => {
      taken.push(from);
      return fault;
    },
    next: directLink,
    stopping: stopping.signal,
  });
  const carry = (method: LinkCall["method"] = "charge") =>
    link.carry({ method, accountId }, async () => {
      sent++;
      return "answer";
    });
  return { carry, stop: () => stopping.abort(), taken, sent: () => sent };
}

test("charges and completions take the account's next fault, and nothing else does", async () => {
  const link = aLink(null);
  const others = ["saveCard", "lookUp", "abandon", "refund", "lookUpRefund"] as const;
  for (const method of others) expect(await link.carry(method)).toBe("answer");
  expect(link.taken).toEqual([]);
  for (const method of ["charge", "complete"] as const) expect(await link.carry(method)).toBe("answer");
  expect(link.taken).toEqual([accountId, accountId]);
});

test.each([
  ["timeout_before", 0],
  ["timeout_after", 1],
] as const)("%s breaks the call off at once, with %i requests sent", async (fault, requests) => {
  const link = aLink(fault);
  await expect(link.carry()).rejects.toThrow("A rehearsed fault lost the");
  expect(link.sent()).toBe(requests);
});

test("twice sends two requests and brings one answer", async () => {
  const link = aLink("twice");
  expect(await link.carry()).toBe("answer");
  expect(link.sent()).toBe(2);
});

test("late answers are bounded, and all come at once when the platform stops", async () => {
  const link = aLink("late");
  const late = Array.from({ length: TEST_FAULTS.lateAnswers }, () => link.carry());
  await expect(link.carry()).rejects.toThrow("late already");
  link.stop();
  expect(new Set(await Promise.all(late))).toEqual(new Set(["answer"]));
  expect(await link.carry()).toBe("answer"); // those that have come count no more
});
