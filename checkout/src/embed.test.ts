import { describe, expect, test } from "vitest";
import { answerEmbed } from "./embed.ts";
import { VIEW } from "./sample.ts";
import type { Model } from "./session.ts";

const SHOP = "https://shop.example";
const HELLO = { mintro: "embed" };

/** A framed page whose window, session and height are the test's. */
function framedPage({ name = "mintro-embed-1", origins = [SHOP] as readonly string[] } = {}) {
  const parent = {};
  let onMessage: ((event: MessageEvent<unknown>) => void) | null = null;
  let onKey: ((event: KeyboardEvent) => void) | null = null;
  let model: Model = {
    view: VIEW,
    attempt: "none",
    notCharged: false,
    notTried: null,
    canceledHere: false,
    connected: true,
    leaving: false,
  };
  let listener = () => {};
  let grow: (height: number) => void = () => {};
  const timers: (() => void)[] = [];
  const looks: string[] = [];
  const embed = answerEmbed({
    window: {
      parent,
      name,
      addEventListener: (type: string, heard: unknown) => {
        if (type === "message") onMessage = heard as typeof onMessage;
        else onKey = heard as typeof onKey;
      },
    },
    origins,
    model: () => model,
    subscribe: (each) => {
      listener = each;
    },
    watchHeight: (then) => {
      grow = then;
      then(900);
    },
    look: (as) => void looks.push(as),
    later: (_, then) => {
      timers.push(then);
      return () => {};
    },
  });
  return {
    embed,
    parent,
    looks,
    timers,
    grow: (height: number) => grow(height),
    become: (change: Partial<Model>) => {
      model = { ...model, ...change };
      listener();
    },
    key: (event: Partial<KeyboardEvent>) => onKey?.(event as KeyboardEvent),
    /** Posts to the page. @returns what came back over the port */
    post: ({ data = HELLO as unknown, origin = SHOP, source = parent as unknown, ports = 1 } = {}) => {
      const answers: unknown[] = [];
      const port = { postMessage: (answer: unknown) => answers.push(answer) };
      onMessage?.({ data, origin, source, ports: Array(ports).fill(port) } as unknown as MessageEvent);
      return answers;
    },
  };
}

describe("the page answers the embed", () => {
  test("over the port that it was handed: height and progress at once, then each change", () => {
    const page = framedPage();
    const answers = page.post();
    page.grow(1_000);
    page.become({ attempt: "sending" });
    page.become({ attempt: "unconfirmed" });
    page.become({ attempt: "none", view: { ...VIEW, status: "requires_action" } });
    page.become({ view: { ...VIEW, status: "succeeded" } });
    expect(answers).toEqual([
      { height: 900 },
      { phase: "payable", height: 900 },
      { height: 1_000 },
      { phase: "processing" },
      { phase: "challenge" },
      { phase: "over" },
    ]);
  });

  test("with Escape, which the page around it cannot hear, but not one that the page has used itself", () => {
    const page = framedPage();
    const answers = page.post();
    page.key({ key: "Escape", isComposing: true, defaultPrevented: false });
    page.key({ key: "Escape", isComposing: false, defaultPrevented: true });
    page.key({ key: "4", isComposing: false, defaultPrevented: false });
    expect(answers).toHaveLength(2);
    page.key({ key: "Escape", isComposing: false, defaultPrevented: false });
    expect(answers.at(-1)).toEqual({ escape: true });
  });

  test("anywhere, where anybody may frame it, and at the newest port alone", () => {
    const page = framedPage({ origins: ["*"] });
    const first = page.post({ origin: "https://any.example" });
    const second = page.post({ origin: "https://any.example" });
    page.grow(1_000);
    expect(first).toHaveLength(2);
    expect(second).toEqual([{ phase: "payable", height: 900 }, { height: 1_000 }]);
  });
});

describe("the page answers nobody else:", () => {
  test.each([
    ["an origin that is not allowed", { origin: "https://evil.example" }],
    ["the opaque origin", { origin: "null" }],
    ["a window that is not its parent", { source: {} }],
    ["no window at all", { source: null }],
    ["another message", { data: { mintro: "other" } }],
    ["a message that is no object", { data: "embed" }],
    ["a message without a port", { ports: 0 }],
  ])("%s", (_, post) => {
    const page = framedPage();
    expect(page.post(post)).toEqual([]);
    expect(page.looks).toEqual(["frameless"]);
  });
});

describe("a page that has to leave at once", () => {
  test("first lets the embed know why, so that it does not take the silence for a failure", () => {
    const page = framedPage();
    page.become({ view: { ...VIEW, status: "requires_action" } });
    let left = 0;
    page.embed.leave(() => {
      left += 1;
    });
    expect(left).toBe(0);
    expect(page.post()).toContainEqual({ phase: "challenge", height: 900 });
    expect(left).toBe(1);
    for (const timer of page.timers) timer();
    expect(left).toBe(1);
  });

  test("does not wait for ever, and without an embed not at all", () => {
    const page = framedPage();
    let left = 0;
    const leave = () => {
      left += 1;
    };
    page.embed.leave(leave);
    for (const timer of page.timers) timer();
    expect(left).toBe(1);
    const plain = framedPage({ name: "" });
    plain.embed.leave(leave);
    expect([left, plain.looks, plain.timers]).toEqual([2, [], []]);
  });
});
