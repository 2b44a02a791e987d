import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { challengeId, type OpenSandbox, openSandbox } from "../../../test/support/open-sandbox.ts";
import { sql } from "../../store/sql.ts";

let open: OpenSandbox;
beforeAll(async () => {
  open = await openSandbox();
});
afterAll(() => open.close());

const RETURN_URL = "http://pay.test/pay/abc/return";

async function challenged() {
  const token = await open.saveCard("4000000000003220");
  const attempt = open.request(token);
  const outcome = await open.sandbox.charge(attempt);
  if (outcome.kind !== "challenge") throw new Error(`Expected a challenge, not ${outcome.kind}.`);
  const ref = { accountId: attempt.accountId, attemptKey: attempt.attemptKey, processorRef: null };
  return { token, attempt, ref, id: challengeId(outcome.url) };
}

describe("the challenge desk", () => {
  test("shows what is paid and with which card, until the customer has answered", async () => {
    const { challenges } = open.sandbox;
    const { id } = await challenged();
    expect(await challenges.find(id)).toEqual({
      state: "open",
      merchantDescription: "Mintro Books",
      amount: 8_000n,
      currency: "USD",
      last4: "3220",
      returnUrl: RETURN_URL,
    });
    expect(await challenges.answer(id, "complete")).toEqual({ returnUrl: RETURN_URL });
    expect(await challenges.find(id)).toEqual({ state: "answered", returnUrl: RETURN_URL });
  });

  test.each([
    ["complete", "fail", "succeeded"],
    ["fail", "complete", "declined"],
  ] as const)("counts the first answer alone: %s, then %s", async (first, second, kind) => {
    const { sandbox } = open;
    const { id, ref } = await challenged();
    for (const answer of [first, second, second]) {
      expect(await sandbox.challenges.answer(id, answer)).toEqual({ returnUrl: RETURN_URL });
    }
    expect((await sandbox.complete(ref)).kind).toBe(kind);
    await sandbox.challenges.answer(id, second);
    expect((await sandbox.lookUp(ref)).kind).toBe(kind);
  });

  test("sends the customer back from a challenge that was given up", async () => {
    const { sandbox } = open;
    const { id, ref } = await challenged();
    await sandbox.abandon(ref);
    expect(await sandbox.challenges.find(id)).toEqual({ state: "answered", returnUrl: RETURN_URL });
    expect(await sandbox.challenges.answer(id, "complete")).toEqual({ returnUrl: RETURN_URL });
    const truth = { kind: "declined", reason: "authentication_abandoned" };
    expect(await sandbox.lookUp(ref)).toMatchObject(truth);
    expect(await sandbox.complete(ref)).toMatchObject(truth);
  });

  test("knows no challenge but those that were opened", async () => {
    const { challenges } = open.sandbox;
    const { id } = await challenged();
    const paid = await open.sandbox.charge(open.request(await open.saveCard("4242424242424242")));
    const changed = `${id.startsWith("A") ? "B" : "A"}${id.slice(1)}`;
    for (const other of [
      "",
      "x",
      changed,
      `${id}A`,
      id.slice(1),
      "../".repeat(14),
      paid.processorRef ?? "",
    ]) {
      expect(await challenges.find(other)).toBeNull();
      expect(await challenges.answer(other, "complete")).toBeNull();
    }
  });
});

describe("an attempt under challenge", () => {
  test("is declined, not lost, when its customer fails, also for whoever only looks it up", async () => {
    const { sandbox } = open;
    const { id, ref } = await challenged();
    await sandbox.challenges.answer(id, "fail");
    const declined = { kind: "declined", reason: "authentication_failed" };
    expect(await sandbox.lookUp(ref)).toMatchObject(declined);
    await sandbox.abandon(ref);
    expect(await sandbox.complete(ref)).toMatchObject(declined);
  });

  test("sent again tells where it stands now, and never asks anew", async () => {
    const { sandbox } = open;
    const { id, ref, attempt } = await challenged();
    await sandbox.challenges.answer(id, "complete");
    expect((await sandbox.charge(attempt)).kind).toBe("challenge");
    await sandbox.complete(ref);
    expect((await sandbox.charge(attempt)).kind).toBe("succeeded");
  });

  test("whatever happens to it at the same moment, ends once: what was final stays, and the money agrees", async () => {
    const step = fc.constantFrom("pass", "fail", "complete", "abandon", "charge");
    const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(rounds, async (story) => {
        const { sandbox } = open;
        const { id, ref, attempt, token } = await challenged();
        const steps = {
          pass: () => sandbox.challenges.answer(id, "complete"),
          fail: () => sandbox.challenges.answer(id, "fail"),
          complete: () => sandbox.complete(ref),
          abandon: () => sandbox.abandon(ref),
          charge: () => sandbox.charge(attempt),
        };
        let final: unknown;
        for (const together of story) {
          const answers = await Promise.all(together.map((name) => steps[name]()));
          const truth = await sandbox.lookUp(ref);
          if (final) expect(truth).toEqual(final);
          if (truth.kind !== "challenge") final = truth;
          // An answer that is final can have been given only if it is the truth.
          for (const answer of answers) {
            if (answer && "kind" in answer && answer.kind !== "challenge") expect(answer).toEqual(truth);
          }
        }
        const [method] = await open.db.query<{ successes: number }>(sql`
          select successes from sandbox.methods where account_id = ${open.accountId} and token = ${token}`);
        expect(method?.successes).toBe((await sandbox.lookUp(ref)).kind === "succeeded" ? 1 : 0);
      }),
      { numRuns: 60 },
    );
  });
});
