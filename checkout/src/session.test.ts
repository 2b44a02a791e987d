import type { CardInput, CheckoutView, PayAnswer } from "@mintro/contract/checkout";
import { describe, expect, test } from "vitest";
import type { Happening } from "./events.ts";
import { VIEW } from "./sample.ts";
import { CheckoutSession, type NotTried } from "./session.ts";

const CARD: CardInput = { name: "John Doe", number: "4242424242424242", expiry: "12/30", cvc: "123" };
const URL_VIEW: CheckoutView = {
  ...VIEW,
  integration_type: "url",
  success_url: "https://shop.example/ok?status=succeeded",
  cancel_url: "https://shop.example/no?status=canceled",
  post_to: [],
};
const PAID: CheckoutView = { ...VIEW, status: "succeeded" };
const DECLINED: CheckoutView = { ...VIEW, last_failure: { charge_id: 7, reason: "generic_decline" } };

/** The outside of a visit, played by the test: answers are given when it says so, time passes when it says so. */
function visit(view: CheckoutView, returned = false) {
  const told: Happening[] = [];
  const left: string[] = [];
  const waits: number[] = [];
  const states: PromiseWithResolvers<CheckoutView>[] = [];
  const pays: PromiseWithResolvers<PayAnswer | NotTried>[] = [];
  /** Newest last: what the page itself waits for is always put off last. */
  const due: { readonly ms: number; readonly end: () => void }[] = [];
  let hidden = false;
  const session = new CheckoutSession(view, returned, {
    fetchState: () => ask(states),
    sendPayment: () => ask(pays),
    leave: (url, how) => void left.push(`${how} ${url}`),
    tell: (happening) => void told.push(happening),
    later: (ms, then) => {
      waits.push(ms);
      const wait = { ms, end: then };
      due.push(wait);
      return () => void (due.includes(wait) && due.splice(due.indexOf(wait), 1));
    },
    hidden: () => hidden,
  });
  session.start();
  return {
    session,
    told,
    kinds: () => told.map(({ kind }) => kind),
    left,
    waits,
    states,
    pays,
    waiting: () => due.length > 0,
    hide: () => {
      hidden = true;
    },
    /** Lets the wait end; the question that follows is the newest of `states`. */
    pass: () => due.pop()?.end(),
    /** Lets a wait of this length end. */
    passOf: (ms: number) => {
      const wait = due.find((one) => one.ms === ms);
      if (wait) due.splice(due.indexOf(wait), 1);
      wait?.end();
    },
    answer: async (state: CheckoutView) => {
      states.at(-1)?.resolve(state);
      await settled();
    },
    fail: async () => {
      states.at(-1)?.reject(new Error("no connection"));
      await settled();
    },
  };
}

function ask<T>(questions: PromiseWithResolvers<T>[]): Promise<T> {
  const question = Promise.withResolvers<T>();
  questions.push(question);
  return question.promise;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe("an attempt", () => {
  test("is made once, however often the button is pressed", async () => {
    const { session, pays, kinds } = visit(VIEW);
    const first = session.pay(CARD);
    const second = session.pay(CARD);
    expect(pays).toHaveLength(1);
    pays[0]?.resolve({ success: true, data: PAID });
    expect(await first).toEqual({ kind: "over" });
    expect(await second).toEqual({ kind: "over" });
    expect(kinds()).toEqual(["started", "succeeded"]);
  });

  test("that is declined leaves another chance, and is told once", async () => {
    const { session, pays, pass, answer, kinds } = visit(VIEW);
    const end = session.pay(CARD);
    pays[0]?.resolve({ success: true, data: DECLINED });
    expect(await end).toEqual({ kind: "declined" });
    pass();
    await answer(DECLINED);
    expect(kinds()).toEqual(["started", "declined"]);
    void session.pay(CARD);
    expect(pays).toHaveLength(2);
  });

  test("that the server refuses as input says so, and the page goes on following", async () => {
    const { session, pays, waiting, told } = visit(VIEW);
    const end = session.pay(CARD);
    pays[0]?.resolve({ success: false, errors: { number: "not_a_test_card" } });
    expect(await end).toEqual({ kind: "refused", errors: { number: "not_a_test_card" } });
    expect(told.at(-1)).toEqual({ kind: "refused", errors: { number: "not_a_test_card" } });
    expect(waiting()).toBe(true);
  });

  test("is not overtaken by what the server said before it", async () => {
    const { session, pays, states, pass, kinds } = visit(VIEW);
    pass();
    const end = session.pay(CARD);
    pays[0]?.resolve({ success: true, data: { ...VIEW, status: "processing" } });
    await end;
    states[0]?.resolve(VIEW);
    await settled();
    expect(session.model.view.status).toBe("processing");
    expect(kinds()).toEqual(["started"]);
  });

  test.each([
    ["a window, with a way back", URL_VIEW, "assign"],
    ["a frame, in its place", VIEW, "replace"],
  ])("leads to its challenge in %s", async (_, view, how) => {
    const { session, pays, left, waiting } = visit(view);
    const end = session.pay(CARD);
    pays[0]?.resolve({
      success: true,
      data: { ...view, status: "requires_action", challenge_url: "/challenge/1" },
    });
    await end;
    expect(left).toEqual([`${how} /challenge/1`]);
    expect(waiting()).toBe(false);
  });
});

describe("an attempt whose answer is lost", () => {
  async function lost(view = VIEW) {
    const played = visit(view);
    const end = played.session.pay(CARD);
    played.pays[0]?.reject(new Error("no connection"));
    await settled();
    return { ...played, end };
  }

  test("is told as an error, takes no second card, and is asked after", async () => {
    const { session, kinds, pays, pass, states } = await lost();
    expect(kinds()).toEqual(["started", "payment_lost"]);
    expect(session.model.attempt).toBe("unconfirmed");
    expect(await session.pay(CARD)).toEqual({ kind: "over" });
    session.cancel();
    expect(session.model.canceledHere).toBe(false);
    expect(pays).toHaveLength(1);
    pass();
    expect(states).toHaveLength(1);
  });

  test("is found to have succeeded", async () => {
    const { session, pass, answer, kinds, end } = await lost();
    pass();
    await answer(PAID);
    expect(await end).toEqual({ kind: "over" });
    expect(kinds()).toEqual(["started", "payment_lost", "succeeded"]);
    expect(session.model.connected).toBe(true);
  });

  test("is found to be declined", async () => {
    const { pass, answer, end, session } = await lost();
    pass();
    await answer(DECLINED);
    expect(await end).toEqual({ kind: "declined" });
    expect(session.model).toMatchObject({ attempt: "none", notCharged: false });
  });

  test("is found never to have arrived, and only then may be made again", async () => {
    const { pass, answer, fail, end, session, kinds, pays } = await lost(DECLINED);
    pass();
    await fail();
    expect(session.model.attempt).toBe("unconfirmed");
    pass();
    await answer(DECLINED);
    expect(await end).toEqual({ kind: "not_charged" });
    expect(session.model).toMatchObject({ attempt: "none", notCharged: true, connected: true });
    expect(kinds()).toEqual(["started", "payment_lost"]);
    void session.pay(CARD);
    expect(pays).toHaveLength(2);
    expect(session.model.notCharged).toBe(false);
  });

  test("is still being worked on", async () => {
    const { pass, answer, session, waiting } = await lost();
    pass();
    await answer({ ...VIEW, status: "processing" });
    expect(session.model).toMatchObject({ attempt: "none", view: { status: "processing" } });
    expect(waiting()).toBe(true);
  });
});

describe("an attempt that the server says it has not made", () => {
  test.each(["too_many", "busy"] as const)("(%s) is told so, and Pay comes back when it may", async (why) => {
    const { session, pays, kinds, states, passOf } = visit(VIEW);
    const end = session.pay(CARD);
    pays[0]?.resolve({ notTried: why, retryAfterMs: 42_000 });
    expect(await end).toEqual({ kind: "not_charged" });
    expect(kinds()).toEqual(["started", why]);
    expect(session.model).toMatchObject({ attempt: "none", connected: true, notTried: why });
    expect(states).toEqual([]);
    expect(await session.pay(CARD)).toEqual({ kind: "not_charged" });
    expect(pays).toHaveLength(1);
    passOf(42_000);
    expect(session.model.notTried).toBeNull();
    void session.pay(CARD);
    expect(pays).toHaveLength(2);
  });

  test("is followed all the same: another tab may pay meanwhile", async () => {
    const { session, pays, passOf, answer, kinds } = visit(VIEW);
    const end = session.pay(CARD);
    pays[0]?.resolve({ notTried: "too_many", retryAfterMs: 42_000 });
    await end;
    passOf(2_000);
    await answer(PAID);
    expect(kinds()).toEqual(["started", "too_many", "succeeded"]);
  });
});

describe("following", () => {
  test("asks every two seconds, slower while hidden, ever slower while the server does not answer", async () => {
    const { pass, answer, fail, waits, hide } = visit({ ...VIEW, status: "processing" });
    pass();
    await answer({ ...VIEW, status: "processing" });
    for (let failures = 0; failures < 5; failures++) {
      pass();
      await fail();
    }
    hide();
    pass();
    await answer({ ...VIEW, status: "processing" });
    expect(waits).toEqual([2_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 15_000]);
  });

  test("tells of a lost connection once, until there is one again", async () => {
    const { pass, answer, fail, kinds, session } = visit(VIEW);
    pass();
    await fail();
    pass();
    await fail();
    expect(session.model.connected).toBe(false);
    pass();
    await answer(VIEW);
    expect(session.model.connected).toBe(true);
    pass();
    await fail();
    expect(kinds()).toEqual(["started", "connection_lost", "connection_lost"]);
  });

  test("notices a cancel by the API, and then asks no more", async () => {
    const { pass, answer, kinds, waiting } = visit(VIEW);
    pass();
    await answer({ ...VIEW, status: "cancelled" });
    expect(kinds()).toEqual(["started", "canceled"]);
    expect(waiting()).toBe(false);
  });

  test("notices that another tab has paid, and goes where payment leads", async () => {
    const { pass, answer, left } = visit(URL_VIEW);
    pass();
    await answer({ ...URL_VIEW, status: "succeeded" });
    expect(left).toEqual([`replace ${URL_VIEW.success_url}`]);
  });

  test("leaves another tab's challenge to that tab", async () => {
    const { pass, answer, left, session } = visit(VIEW);
    pass();
    await answer({ ...VIEW, status: "requires_action", challenge_url: "/challenge/1" });
    expect(left).toEqual([]);
    expect(session.model.leaving).toBe(false);
  });

  test("asks one question at a time", () => {
    const { session, states } = visit(VIEW);
    session.refresh();
    session.refresh();
    expect(states).toHaveLength(1);
  });
});

describe("opening the page", () => {
  test("of a paid link again stays on the paid page", () => {
    const { left, waiting } = visit({ ...URL_VIEW, status: "succeeded" });
    expect(left).toEqual([]);
    expect(waiting()).toBe(false);
  });

  test("on the way back from a challenge that succeeded goes on to the merchant", () => {
    const { left } = visit({ ...URL_VIEW, status: "succeeded" }, true);
    expect(left).toEqual([`replace ${URL_VIEW.success_url}`]);
  });

  test("during a challenge shows the challenge again", () => {
    const { left } = visit({ ...VIEW, status: "requires_action", challenge_url: "/challenge/1" });
    expect(left).toEqual(["replace /challenge/1"]);
  });

  test("on the way back from a challenge that is still open does not go round in a circle", () => {
    const { left, waiting } = visit(
      { ...VIEW, status: "requires_action", challenge_url: "/challenge/1" },
      true,
    );
    expect(left).toEqual([]);
    expect(waiting()).toBe(true);
  });

  test("while the outcome is unknown takes no card", async () => {
    const { session, pays } = visit({ ...VIEW, status: "processing" });
    expect(await session.pay(CARD)).toEqual({ kind: "over" });
    expect(pays).toEqual([]);
  });
});

describe("the customer's Cancel", () => {
  test("leads to the merchant's cancel_url, and the page does nothing more", async () => {
    const { session, left, pays } = visit(URL_VIEW);
    session.cancel();
    session.cancel();
    expect(left).toEqual([`assign ${URL_VIEW.cancel_url}`]);
    expect(await session.pay(CARD)).toEqual({ kind: "over" });
    expect(pays).toEqual([]);
  });

  test("in a frame is told and leaves the intent payable", () => {
    const { session, kinds, pays } = visit(VIEW);
    session.cancel();
    expect(session.model.canceledHere).toBe(true);
    session.resume();
    expect(kinds()).toEqual(["started", "canceled"]);
    void session.pay(CARD);
    expect(pays).toHaveLength(1);
  });

  test("cannot be mixed with an attempt under way", () => {
    const { session, left, kinds } = visit(URL_VIEW);
    void session.pay(CARD);
    session.cancel();
    expect(left).toEqual([]);
    expect(kinds()).toEqual(["started"]);
  });
});

test("a page that the browser brings back asks how things stand", async () => {
  const { session, answer, states } = visit(URL_VIEW);
  session.cancel();
  session.cameBack();
  expect(session.model.leaving).toBe(false);
  expect(states).toHaveLength(1);
  await answer({ ...URL_VIEW, status: "cancelled" });
  expect(session.model.view.status).toBe("cancelled");
});
