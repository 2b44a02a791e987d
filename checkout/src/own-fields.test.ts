import type { CheckoutView, PayAnswer, PayInput } from "@mintro/contract/checkout";
import { describe, expect, test } from "vitest";
import type { Happening } from "./events.ts";
import type { Collected, MountedFields } from "./fields.ts";
import { OwnFields } from "./own-fields.ts";
import { VIEW } from "./sample.ts";
import { CheckoutSession, type NotTried } from "./session.ts";

const OWN: CheckoutView = { ...VIEW, collection: "own_fields" };
const PAID: CheckoutView = { ...OWN, status: "succeeded" };
const DECLINED: CheckoutView = { ...OWN, last_failure: { charge_id: 7, reason: "generic_decline" } };

type Mounting = {
  readonly onCollected: (collected: Collected) => Promise<boolean>;
  readonly signal: AbortSignal;
  readonly come: PromiseWithResolvers<MountedFields>;
};

/** A visit whose fields, server and time are the test's. */
function visit(view = OWN) {
  const told: Happening[] = [];
  const left: string[] = [];
  const sent: PayInput[] = [];
  const pays: PromiseWithResolvers<PayAnswer | NotTried>[] = [];
  const mountings: Mounting[] = [];
  const collections: PromiseWithResolvers<Collected>[] = [];
  const calls: string[] = [];
  const waits: number[] = [];
  let due: (() => void) | null = null;
  const session = new CheckoutSession(view, false, {
    fetchState: () => new Promise(() => {}),
    sendPayment: (input) => {
      sent.push(input);
      const answer = Promise.withResolvers<PayAnswer | NotTried>();
      pays.push(answer);
      return answer.promise;
    },
    leave: (url) => void left.push(url),
    tell: (happening) => void told.push(happening),
    later: () => () => {},
    hidden: () => false,
  });
  session.start();
  const fields = new OwnFields(session, {
    mount: (onCollected, signal) => {
      const come = Promise.withResolvers<MountedFields>();
      mountings.push({ onCollected, signal, come });
      return come.promise;
    },
    focusPlace: () => void calls.push("focus place"),
    later: (ms, then) => {
      waits.push(ms);
      due = then;
      return () => {
        due = null;
      };
    },
  });
  const mounted = (withSubmit = true): MountedFields => ({
    submit: withSubmit
      ? () => {
          const collection = Promise.withResolvers<Collected>();
          collections.push(collection);
          return collection.promise;
        }
      : null,
    focus: () => void calls.push("focus"),
    setBusy: (busy) => void calls.push(`busy ${busy}`),
    unmount: () => void calls.push("unmount"),
  });
  void fields.open();
  return {
    session,
    fields,
    told,
    left,
    sent,
    pays,
    mountings,
    collections,
    calls,
    waits,
    kinds: () => told.map(({ kind }) => kind),
    /** The newest fields have come. */
    come: async (withSubmit = true) => {
      mountings.at(-1)?.come.resolve(mounted(withSubmit));
      await settled();
    },
    failToCome: async () => {
      mountings.at(-1)?.come.reject(new Error("no such module"));
      await settled();
    },
    collect: async (collected: Collected) => {
      collections.at(-1)?.resolve(collected);
      await settled();
    },
    answer: async (answer: PayAnswer | NotTried) => {
      pays.at(-1)?.resolve(answer);
      await settled();
    },
    pass: () => {
      const then = due;
      due = null;
      then?.();
    },
    waiting: () => due !== null,
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

describe("a press of Pay", () => {
  test("is one token and one attempt, however often it is pressed", async () => {
    const { fields, come, collections, collect, sent, answer, kinds, session } = visit();
    await fields.press();
    expect(collections).toHaveLength(0);
    await come();
    void fields.press();
    void fields.press();
    expect(fields.model.collecting).toBe(true);
    await collect({ token: "tok_1" });
    void fields.press();
    expect(collections).toHaveLength(1);
    expect(sent).toEqual([{ token: "tok_1" }]);
    expect(session.model.attempt).toBe("sending");
    expect(fields.model.collecting).toBe(false);
    await answer({ success: true, data: PAID });
    expect(kinds()).toEqual(["started", "succeeded"]);
  });

  test("that the fields refuse makes no attempt, and leaves the fields as they are", async () => {
    const { fields, come, collect, sent, told, mountings, calls } = visit();
    await come();
    void fields.press();
    await collect({ refused: "This card is not taken." });
    expect(fields.model).toMatchObject({ collecting: false, refused: { text: "This card is not taken." } });
    expect(calls).toEqual(["focus"]);
    void fields.press();
    await collect({ refused: null });
    expect(fields.model).toMatchObject({ state: "ready", collecting: false, refused: null });
    expect(told.slice(1)).toEqual([
      { kind: "refused_by_fields", text: "This card is not taken." },
      { kind: "refused_by_fields", text: null },
    ]);
    expect(sent).toEqual([]);
    expect(mountings).toHaveLength(1);
  });

  test.each([
    ["declined", { success: true, data: DECLINED }, null],
    ["refused by the server", { success: false, errors: { number: "invalid" } }, { number: "invalid" }],
  ] as const)("that is %s brings new fields, since a token serves once", async (_, given, errors) => {
    const { fields, come, collect, answer, mountings, calls } = visit();
    await come();
    void fields.press();
    await collect({ token: "tok_1" });
    expect(mountings[0]?.signal.aborted).toBe(false);
    await answer(given);
    expect(mountings[0]?.signal.aborted).toBe(true);
    expect(mountings).toHaveLength(2);
    expect(fields.model).toMatchObject({ state: "loading", refused: errors && { errors } });
    expect(calls).toEqual(["focus place"]);
    await come();
    expect(fields.model.state).toBe("ready");
  });

  test("that breaks the fields makes no attempt, and they are loaded anew", async () => {
    const { fields, come, collections, kinds, sent, pass, mountings } = visit();
    await come();
    void fields.press();
    collections[0]?.reject(new Error("session expired"));
    await settled();
    expect(fields.model).toMatchObject({ state: "lost", collecting: false });
    expect(kinds()).toEqual(["started", "connection_lost"]);
    expect(sent).toEqual([]);
    pass();
    await come();
    expect(mountings).toHaveLength(2);
    expect(fields.model.state).toBe("ready");
  });

  test("that comes too soon after others asks for no token until another may be made", async () => {
    const { fields, come, collect, answer, collections, mountings, sent } = visit();
    await come();
    void fields.press();
    await collect({ token: "tok_1" });
    await answer({ notTried: "too_many", retryAfterMs: 30_000 });
    expect(mountings).toHaveLength(2);
    await come();
    void fields.press();
    expect(await mountings[1]?.onCollected({ token: "tok_wallet" })).toBe(false);
    expect(collections).toHaveLength(1);
    expect(sent).toHaveLength(1);
  });

  test("does not outlive a Cancel: the token that comes later is not used", async () => {
    const { fields, come, collect, sent, left, session } = visit({
      ...OWN,
      integration_type: "url",
      cancel_url: "/no",
    });
    await come();
    void fields.press();
    fields.cancel();
    expect(left).toEqual(["/no"]);
    // The browser brings the page back as it was left, and only now the fields answer.
    session.cameBack();
    await collect({ token: "tok_1" });
    expect(sent).toEqual([]);
    await come();
    expect(fields.model).toMatchObject({ state: "ready", collecting: false });
  });

  test("nor the form that it was made in", async () => {
    const { fields, come, collect, sent, mountings } = visit();
    await come();
    void fields.press();
    fields.close();
    expect(mountings[0]?.signal.aborted).toBe(true);
    await collect({ token: "tok_1" });
    expect(sent).toEqual([]);
  });
});

describe("fields that pay by a button of their own", () => {
  test("make the attempt themselves, and hear how it went", async () => {
    const { fields, come, mountings, answer, sent } = visit();
    await come(false);
    expect(fields.model.takesPay).toBe(false);
    const declined = mountings[0]?.onCollected({ token: "tok_wallet" });
    await answer({ success: true, data: DECLINED });
    expect(await declined).toBe(false);
    await come(false);
    const paid = mountings[1]?.onCollected({ token: "tok_wallet_2" });
    await answer({ success: true, data: PAID });
    expect(await paid).toBe(true);
    expect(sent).toEqual([{ token: "tok_wallet" }, { token: "tok_wallet_2" }]);
  });

  test("pay nothing while the page is paying, nor after they were taken away", async () => {
    const { fields, come, mountings, sent, collect } = visit();
    await come();
    void fields.press();
    expect(await mountings[0]?.onCollected({ token: "tok_wallet" })).toBe(false);
    await collect({ token: "tok_1" });
    expect(await mountings[0]?.onCollected({ token: "tok_wallet" })).toBe(false);
    fields.close();
    expect(await mountings[0]?.onCollected({ token: "tok_wallet" })).toBe(false);
    expect(sent).toEqual([{ token: "tok_1" }]);
  });

  test("are not told that a payment was made where the intent is over", async () => {
    const { come, mountings, answer } = visit();
    await come(false);
    const late = mountings[0]?.onCollected({ token: "tok_wallet" });
    await answer({ success: true, data: { ...OWN, status: "expired" } });
    expect(await late).toBe(false);
  });
});

describe("fields that do not come", () => {
  test("are asked for again, ever more slowly, and told as an error once", async () => {
    const { fields, failToCome, pass, waits, kinds, come } = visit();
    for (let failures = 0; failures < 6; failures++) {
      await failToCome();
      expect(fields.model.state).toBe("lost");
      pass();
    }
    expect(waits.filter((ms) => ms !== 20_000)).toEqual([4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(kinds()).toEqual(["started", "connection_lost"]);
    await come();
    expect(fields.model.state).toBe("ready");
    void fields.open();
    await failToCome();
    expect(waits.at(-1)).toBe(4_000);
  });

  test("within 20 seconds are given up, and not shown when they come after all", async () => {
    const { fields, pass, waits, mountings, come, calls } = visit();
    expect(waits).toEqual([20_000]);
    pass();
    expect(fields.model.state).toBe("lost");
    expect(mountings[0]?.signal.aborted).toBe(true);
    await come();
    expect(fields.model.state).toBe("lost");
    expect(calls).toEqual([]);
  });

  test("are not waited for once the form has gone", async () => {
    const { fields, failToCome, waiting, kinds } = visit();
    fields.close();
    expect(waiting()).toBe(false);
    await failToCome();
    expect(waiting()).toBe(false);
    expect(kinds()).toEqual(["started"]);
  });
});

test("what the fields throw while they are told something does not break the page", async () => {
  const { fields, mountings } = visit();
  const broken = (): never => {
    throw new Error("broken");
  };
  mountings[0]?.come.resolve({ submit: null, focus: broken, setBusy: broken, unmount: broken });
  await settled();
  expect(() => fields.setBusy(true)).not.toThrow();
  expect(() => fields.focus()).not.toThrow();
});
