import { afterAll, beforeAll, expect, test } from "vitest";
import { createFaultyLink } from "../../../test/support/faulty-link.ts";
import { type OpenSandbox, openSandbox } from "../../../test/support/open-sandbox.ts";
import type { AttemptRequest } from "../processor.ts";

const link = createFaultyLink();
let open: OpenSandbox;
beforeAll(async () => {
  open = await openSandbox({ link });
});
afterAll(() => open.close());

const aRequest = async () => open.request(await open.saveCard("4000000000000341"));
const lookUp = ({ accountId, attemptKey }: AttemptRequest) =>
  open.sandbox.lookUp({ accountId, attemptKey, processorRef: null });

test("a request that is lost is unknown to the sandbox, and sent again it is made", async () => {
  const request = await aRequest();
  link.nextCharge("timeout_before");
  await expect(open.sandbox.charge(request)).rejects.toThrow("request was lost");
  expect(await lookUp(request)).toEqual({ kind: "unknown_attempt" });
  expect((await open.sandbox.charge(request)).kind).toBe("succeeded");
});

test("an answer that is lost is found by asking after it, and sent again it is the same payment", async () => {
  const request = await aRequest();
  link.nextCharge("timeout_after");
  await expect(open.sandbox.charge(request)).rejects.toThrow("answer was lost");
  const found = await lookUp(request);
  expect(found.kind).toBe("succeeded");
  expect(await open.sandbox.charge(request)).toEqual(found);
});

test("an answer may come after the truth was looked up, and then agrees with it", async () => {
  const request = await aRequest();
  const late = link.nextCharge("late");
  let answered = false;
  const charging = open.sandbox.charge(request).finally(() => {
    answered = true;
  });
  await late.struck;
  const found = await lookUp(request);
  expect(found.kind).toBe("succeeded");
  expect(answered).toBe(false);
  late.release();
  expect(await charging).toEqual(found);
});

test("a request that arrives twice is one payment", async () => {
  const request = await aRequest();
  link.nextCharge("twice");
  const answer = await open.sandbox.charge(request);
  expect(answer.kind).toBe("succeeded");
  expect(await lookUp(request)).toEqual(answer);
});

test("faults meet only their own calls, in the order they were scripted", async () => {
  const [one, two] = [await aRequest(), await aRequest()];
  link.nextCharge("timeout_before");
  link.nextCharge("timeout_after");
  link.next("lookUp", "timeout_after");
  await open.saveCard("4242424242424242");
  await expect(open.sandbox.charge(one)).rejects.toThrow("request was lost");
  await expect(open.sandbox.charge(two)).rejects.toThrow("answer was lost");
  await expect(lookUp(two)).rejects.toThrow("answer was lost");
  expect((await lookUp(two)).kind).toBe("succeeded");
  expect(link.calls.slice(-5).map(({ method }) => method)).toEqual([
    "saveCard",
    "charge",
    "charge",
    "lookUp",
    "lookUp",
  ]);
});
