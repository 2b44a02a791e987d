/**
 * Different bodies under one Idempotency-Key at the same moment (contract section 2): one of them wins the key, its own get its
 * answer, and all others are refused for their key. Nobody is told to wait for a request that has ended.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  crowd,
  keyed,
  replayed,
  startTwoServers,
  statuses,
  type TwoServers,
  twoWays,
} from "../support/crowds.ts";
import { newMerchant } from "../support/merchants.ts";
import { anIntent, type Merchant, type Reply } from "../support/platform.ts";

let servers: TwoServers;
beforeAll(async () => {
  servers = await startTwoServers();
});
afterAll(() => servers.second.stop());

type Body = ReturnType<typeof anIntent>;

function expectKeyReused(reply: Reply): void {
  expect(reply.status, reply.text).toBe(422);
  expect(Object.keys(reply.body.errors)).toEqual(["idempotency_key"]);
}

/** One of `bodies`, sent at the same index as `replies`, has won; the others were refused for their key. Gives back the winner. */
function expectOneWinner(replies: readonly Reply[], bodies: readonly Body[]): Body {
  const first = replies.findIndex((reply) => reply.status === 200 && !replayed(reply));
  const [winner, answer] = [bodies[first], replies[first]];
  if (!winner || !answer) throw new Error(`nobody won: ${JSON.stringify(statuses(replies))}`);
  for (const [at, reply] of replies.entries()) {
    if (bodies[at] !== winner) expectKeyReused(reply);
    else expect([reply.status, reply.text, replayed(reply)]).toEqual([200, answer.text, at !== first]);
  }
  return winner;
}

describe.each([
  ["one server", () => newMerchant(servers.platform).then((merchant) => () => merchant)],
  ["two servers", () => twoWays(servers)],
] as const)("through %s", (_, ways) => {
  let way: (at: number) => Merchant;
  beforeAll(async () => {
    way = await ways();
  });

  it("twenty requests that alternate between two bodies: ten get one answer, ten are refused, each time", async () => {
    for (let round = 0; round < 40; round++) {
      const [key, two] = [randomUUID(), [anIntent(), anIntent()] as const];
      const bodies = Array.from({ length: 20 }, (_, at) => two[at % 2 === 0 ? 0 : 1]);
      const replies = await crowd(
        (at) => way(at >> 1).post("/intents", bodies[at], keyed(key)),
        bodies.length,
      );
      expect(statuses(replies)).toEqual({ 200: 10, 422: 10 });
      expectOneWinner(replies, bodies);
    }
  });

  it("sixty bodies: one is created, and fifty-nine are refused", async () => {
    for (let round = 0; round < 5; round++) {
      const [key, bodies] = [randomUUID(), Array.from({ length: 60 }, () => anIntent())];
      const replies = await crowd((at) => way(at).post("/intents", bodies[at], keyed(key)), bodies.length);
      expect(statuses(replies)).toEqual({ 200: 1, 422: 59 });
      const winner = expectOneWinner(replies, bodies);
      const again = await crowd((at) => way(at).post("/intents", winner, keyed(key)), 2);
      expect(again.map(replayed)).toEqual([true, true]);
    }
  });

  it("a body that is refused and two that are good: one of the good ones is created", async () => {
    const taken = anIntent();
    expect((await way(0).post("/intents", taken)).status).toBe(200);
    for (let round = 0; round < 40; round++) {
      const [key, good] = [randomUUID(), [anIntent(), anIntent()]];
      const first = way(round).post("/intents", { ...taken, amount: 1 }, keyed(key));
      const replies = await crowd((at) => way(at).post("/intents", good[at], keyed(key)), good.length);
      expectOneWinner(replies, good);
      const refused = await first;
      expect(refused.status).toBe(422);
      // For its own sake, or since by then its key was another's.
      expect(["reference_id", "idempotency_key"]).toContain(Object.keys(refused.body.errors).join());
    }
  });

  it("sixty bodies that are all refused leave the key free for the one that is not", async () => {
    const taken = await Promise.all(
      Array.from({ length: 60 }, async (_, at) => {
        const body = anIntent();
        expect((await way(at).post("/intents", body)).status).toBe(200);
        return body;
      }),
    );
    const [key, good] = [randomUUID(), anIntent()];
    const bodies = [...taken.slice(0, 30), good, ...taken.slice(30)];
    const replies = await crowd((at) => way(at).post("/intents", bodies[at], keyed(key)), bodies.length);
    expect(statuses(replies)).toEqual({ 200: 1, 422: 60 });
    expect(replies[30]?.status).toBe(200);
  });
});
