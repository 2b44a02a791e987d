/** What a merchant does at a terminal, as it is typed, against the platform itself. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVENT_TYPES } from "@mintro/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, pay, startPlatform, type TestPlatform } from "../../server/test/support/platform.ts";
import { type Ended, endAll, recordsIn, run, start } from "./testing.ts";
import { SCENARIOS } from "./trigger-scenarios.ts";

let platform: TestPlatform;
let env: Record<string, string>;
let folder: string;

beforeAll(async () => {
  platform = await startPlatform();
  folder = await mkdtemp(join(tmpdir(), "mintro-merchant-"));
  env = {
    MINTRO_URL: platform.url,
    MINTRO_CLIENT_ID: platform.merchant.clientId,
    MINTRO_CLIENT_SECRET: platform.merchant.clientSecret,
  };
  return () => rm(folder, { recursive: true, force: true });
});
afterAll(endAll);

async function mintro(...args: string[]): Promise<Ended> {
  const ended = await run(args, env);
  expect(ended.out + ended.error).not.toContain(platform.merchant.clientSecret);
  return ended;
}

async function told(...args: string[]): Promise<Record<string, unknown>[]> {
  const { code, out, error } = await mintro(...args, "--json");
  expect([code, error]).toEqual([0, ""]);
  return recordsIn(out);
}

describe("mintro trigger", () => {
  it.each(Object.entries(SCENARIOS))(
    "%s makes it happen, with all it stands for",
    async (event, { movesClock }) => {
      const before = Date.parse(await platform.merchant.clockNow());
      const { code, out, error } = await mintro(
        "trigger",
        event,
        "--json",
        "--metadata",
        "order=7",
        "--amount",
        "12.34",
      );
      expect(code, error).toBe(0);
      const last = recordsIn(out).at(-1);
      expect(last).toMatchObject({ type: "event", event, payload: { event, metadata: { order: "7" } } });
      const intent = await platform.merchant.intent(String(last?.["intent_id"]));
      expect(intent).toMatchObject({ amount: "12.34", metadata: { order: "7" } });
      await eventually(() => platform.sink.of(event, String(last?.["intent_id"])).length === 1);
      const movedDays = (Date.parse(await platform.merchant.clockNow()) - before) / 86_400_000;
      expect(Math.round(movedDays)).toBe(movesClock ? 1 : 0);
      if (movesClock) expect(error).toMatch(/moves the clock of the whole test account one day ahead/);
      else expect(error).toBe("");
    },
  );

  it("lists every event that there is, and shows people the steps", async () => {
    const list = await told("trigger", "--list");
    expect(list.map(({ event }) => event)).toEqual(Object.keys(SCENARIOS));
    expect(Object.keys(SCENARIOS).sort()).toEqual([...EVENT_TYPES].sort());
    expect(await mintro("trigger", "payment.suceeded")).toMatchObject({
      code: 1,
      out: "",
      error:
        "payment.suceeded is no event. Did you mean payment.succeeded? mintro trigger --list shows all.\n",
    });
    const wrong = await mintro("trigger", "payment.succeeded", "--amount", "abc");
    expect(wrong).toMatchObject({ code: 1, error: "The amount must be a number.\n" });
    const shown = await mintro("trigger", "payment.canceled");
    expect(shown.out).toMatch(
      /✓ created an intent {2}pi_\S+\n {2}✓ cancelled it\n\npayment\.canceled {2}evt_/,
    );
    const refused = await mintro("trigger", "payment.succeeded", "--currency", "XXQ");
    expect(refused).toMatchObject({ code: 1, error: "The selected currency is invalid.\n" });
  });
});

describe("mintro intents", () => {
  it("creates one with sensible values, shows it by id and reference, and cancels it", async () => {
    const options = [
      "--amount",
      "9.90",
      "--currency",
      "eur",
      "--every",
      "7",
      "--reference",
      "TILL-1",
      "--item",
      "Tea",
    ];
    const [made] = await told("intents", "create", ...options, "--metadata", "a=1", "--metadata", "b=x=y");
    const id = String(made?.["intent_id"]);
    expect(made).toMatchObject({
      status: "requires_payment",
      amount: "9.90",
      payment_url: expect.any(String),
    });
    const [byReference] = await told("intents", "get", "TILL-1");
    expect(byReference).toMatchObject({
      intent_id: id,
      currency: "EUR",
      interval_days: 7,
      metadata: { a: "1", b: "x=y" },
      order_items: [{ name: "Tea", quantity: 1, price: "9.90" }],
    });
    await pay(String(made?.["payment_url"]), "4000000000000002");
    const shown = await mintro("intents", "get", id);
    expect(shown.out).toMatch(
      /9\.90 EUR every 7 days[\s\S]*failed +9\.90 EUR +visa 0002 +The card was declined\./,
    );
    expect(await told("intents", "cancel", "TILL-1")).toEqual([{ intent_id: id, status: "cancelled" }]);
    expect((await mintro("intents", "cancel", id)).out).toBe(`${id} is cancelled.\n`);
  });

  it("complains of what was typed, not of the price that it made of the amount", async () => {
    for (const more of [[], ["--item", "Tea"]]) {
      const { code, error } = await mintro("intents", "create", "--amount", "abc", ...more);
      expect([code, error]).toEqual([1, "The amount must be a number.\n"]);
    }
    const item = { name: "Tea", quantity: 1, price: "abc" };
    const own = JSON.stringify({ order_items: [item] });
    const { error } = await run(["intents", "create", "--body", "-", "--amount", "abc"], env, own);
    expect(error).toContain("The amount must be a number.");
    expect(error).toContain("The order_items.0.price must be a number.");
  });

  it("takes all of it as JSON from a file or standard input, once under one key", async () => {
    const body = {
      amount: 5,
      currency: "USD",
      intent_type: "one_time",
      email: "a@example.com",
      name: "A",
      reference_id: "FILE-1",
      integration_type: "url",
      success_url: "https://example.com/s",
      cancel_url: "https://example.com/c",
      order_items: [{ name: "P", quantity: 1, price: 5 }],
    };
    const file = join(folder, "intent.json");
    await writeFile(file, JSON.stringify(body));
    const [first] = await told("intents", "create", "--body", file, "--key", "cli-1");
    expect(await told("intents", "create", "--body", file, "--key", "cli-1")).toEqual([first]);
    const args = ["intents", "create", "--body", "-", "--reference", "STDIN-1", "--json"];
    const piped = await run(args, env, JSON.stringify(body));
    expect(piped.code, piped.error).toBe(0);
    const [intent] = await told("intents", "get", "STDIN-1");
    expect(intent).toMatchObject({ success_url: "https://example.com/s", amount: "5.00" });
    const broken = await run(["intents", "create", "--body", "-"], env, "{");
    expect(broken).toMatchObject({ code: 1, error: "--body: standard input must hold one JSON object.\n" });
  });

  it("says what the API refuses, in its words and on one line", async () => {
    const refused = await mintro("intents", "create", "--amount", "0", "--email", "nobody");
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.error).toBe("The amount must be at least 1. The email must be a valid email address.\n");
    expect((await mintro("intents", "get", "NOT-THERE")).code).toBe(1);
    const { intent_id: id, payment_url: url } = await platform.merchant.createIntent();
    await pay(url);
    const paid = await mintro("intents", "cancel", id);
    expect(paid).toMatchObject({
      code: 1,
      error: "A payment intent with status succeeded cannot be cancelled.\n",
    });
  });
});

describe("mintro clock", () => {
  it("shows the account's time and moves it ahead, by a span or to a moment", async () => {
    const [{ now: before } = {}] = await told("clock");
    const [{ now: after, done } = {}] = await told("clock", "advance", "2d12h");
    expect(done).toBe(true);
    const hours = (Date.parse(String(after)) - Date.parse(String(before))) / 3_600_000;
    expect(hours).toBeGreaterThanOrEqual(60);
    expect(hours).toBeLessThan(60.1);
    const to = new Date(Date.parse(String(after)) + 3_600_000).toISOString();
    const shown = await mintro("clock", "advance", "--to", to, "--skip");
    expect(shown.code, shown.error).toBe(0);
    expect(shown.out).toMatch(/^\S+ → \S+ {2}in \d/);
    for (const [args, why] of [
      [["--to", "2020-01-01"], /cannot go back/],
      [["soon"], /30d/],
      [["1d", "--to", to], /either a span/],
      [[], /either a span/],
      [["9999d"], /3660/],
    ] as const) {
      const refused = await mintro("clock", "advance", ...args);
      expect(refused).toMatchObject({ code: 1, out: "" });
      expect(refused.error).toMatch(why);
    }
  });
});

describe("mintro events", () => {
  it("tail shows events as they happen, and those since a moment", async () => {
    const tail = start(["events", "tail", "--json", "--events", "payment.canceled"], env);
    const quiet = start(["events", "tail"], env);
    await eventually(() => quiet.error().includes("Ctrl-C ends it"));
    let cancelled = "";
    await eventually(async () => {
      // The one with --json says nothing when it is ready, so events come until it shows one.
      const { intent_id: id } = await platform.merchant.createIntent();
      await platform.merchant.post(`/intents/${id}/cancel`);
      cancelled ||= id;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return tail.records().length > 0;
    }, 20_000);
    expect(tail.records()[0]).toMatchObject({
      type: "event",
      event: "payment.canceled",
      payload: { metadata: {} },
    });
    await eventually(() => quiet.out().includes(cancelled));
    expect((await tail.stop()).code).toBe(0);
    expect((await quiet.stop()).code).toBe(0);
    const since = start(["events", "tail", "--since", "1h", "--json"], env);
    await eventually(() => since.records().some((record) => record["intent_id"] === cancelled));
    expect((await since.stop("SIGTERM")).code).toBe(0);
  });

  it("resend sends one again to the endpoints that want it, or to the one named", async () => {
    const { intent_id: id, payment_url: url } = await platform.merchant.createIntent();
    await pay(url);
    await eventually(() => platform.sink.of("payment.succeeded", id).length === 1);
    const [event] = platform.sink.of("payment.succeeded", id);
    const [sent] = await told("events", "resend", String(event?.id));
    await eventually(() => platform.sink.of("payment.succeeded", id).length === 2);
    const endpoint = String((sent?.["endpoint_ids"] as string[] | undefined)?.[0]);
    const shown = await mintro("events", "resend", String(event?.id), "--endpoint", endpoint);
    expect(shown.out).toContain(`goes again to 1 endpoint: ${endpoint}`);
    await eventually(() => platform.sink.of("payment.succeeded", id).length === 3);
    const unknown = await mintro("events", "resend", "evt_01a2070a-8a62-781e-9ab6-48a81dc9ad24");
    expect(unknown).toMatchObject({ code: 1, out: "" });
  });
});

describe("which Mintro, and as whom", () => {
  it("beside a local one, from the files that it keeps for its owner", async () => {
    const dataDir = join(folder, "data");
    await mkdir(dataDir);
    await writeFile(join(dataDir, "client-id"), `${platform.merchant.clientId}\n`);
    await writeFile(join(dataDir, "client-secret"), `${platform.merchant.clientSecret}\n`);
    const beside = { MINTRO_URL: `${platform.url}/api/platform/`, MINTRO_DATA_DIR: dataDir };
    expect(await run(["clock"], beside)).toMatchObject({ code: 0, error: "" });
    const elsewhere = await run(["clock"], { ...beside, MINTRO_URL: "https://pay.example.com" });
    expect(elsewhere.code).toBe(1); // it is asked for nothing: the kept secret goes to this machine alone
    expect(elsewhere.error).toMatch(/set MINTRO_CLIENT_ID and MINTRO_CLIENT_SECRET\.\n$/);
  });

  it("at the address that the Mintro of this folder is kept under, unless another is named", async () => {
    const dataDir = join(folder, "kept");
    await mkdir(dataDir);
    await writeFile(join(dataDir, "client-id"), `${platform.merchant.clientId}\n`);
    await writeFile(join(dataDir, "client-secret"), `${platform.merchant.clientSecret}\n`);
    const keep = (url: string) => writeFile(join(dataDir, "url"), `${url}\n`);
    const beside = { MINTRO_DATA_DIR: dataDir };
    await keep(platform.url);
    expect(await run(["clock"], beside)).toMatchObject({ code: 0, error: "" });
    await keep("http://localhost:1");
    expect(await run(["clock"], beside)).toMatchObject({
      code: 2,
      error: expect.stringMatching(/^Nothing answers at http:\/\/localhost:1:/),
    });
    expect(await run(["clock", "--url", platform.url], beside)).toMatchObject({ code: 0 });
    expect(await run(["clock"], { ...beside, MINTRO_URL: platform.url })).toMatchObject({ code: 0 });
    // Its own public address gets its secret, also where that does not name this machine.
    await keep(`http://0.0.0.0:${new URL(platform.url).port}`);
    expect(await run(["clock"], beside)).toMatchObject({ code: 0, error: "" });
    await keep("here");
    expect((await run(["clock"], beside)).error).toMatch(/kept\/url holds must be an address such as/);
  });

  it.each<[string, string[], (all: Record<string, string>) => Record<string, string>, number, RegExp]>([
    [
      "no credentials",
      ["clock"],
      ({ MINTRO_URL = "" }) => ({ MINTRO_URL, MINTRO_DATA_DIR: "/nonexistent" }),
      1,
      /set MINTRO_CLIENT_ID and MINTRO_CLIENT_SECRET, or go to the folder/,
    ],
    [
      "a wrong secret",
      ["clock"],
      (all) => ({ ...all, MINTRO_CLIENT_SECRET: "x".repeat(40) }),
      1,
      /the id or the secret is wrong, or the client is revoked/,
    ],
    [
      "a wrong client",
      ["clock", "--client-id", "test_nobody"],
      (all) => all,
      1,
      /does not let the client test_nobody in/,
    ],
    [
      "a secret on the command line",
      ["clock", "--client-secret", "sk_visible"],
      (all) => all,
      1,
      /can be read by every user.*MINTRO_CLIENT_SECRET/,
    ],
    [
      "an address that is none",
      ["clock", "--url", "pay.example.com"],
      (all) => all,
      1,
      /--url must be an address/,
    ],
    [
      "an address where nothing answers",
      ["clock", "--url", "http://localhost:1"],
      (all) => all,
      2,
      /^Nothing answers at http:\/\/localhost:1/,
    ],
    [
      "a wrong secret for listen",
      ["listen", "--forward-to", "localhost:1"],
      (all) => ({ ...all, XDG_CONFIG_HOME: join(folder, "x"), MINTRO_CLIENT_SECRET: "y" }),
      1,
      /the id or the secret is wrong/,
    ],
    [
      "an event type that is none",
      ["events", "tail", "--events", "payment.exploded"],
      (all) => all,
      1,
      /payment\.exploded.*payment\.succeeded/,
    ],
  ])("refuses %s, in one line", async (_, args, change, code, why) => {
    const ended = await run(args, change(env));
    expect(ended.code).toBe(code);
    expect(ended.out).toBe("");
    expect(ended.error).toMatch(why);
    expect(ended.error).not.toMatch(/sk_visible| at .*\.[tj]s/);
    if (!ended.error.includes("--help")) expect(ended.error.trim().split("\n")).toHaveLength(1);
  });

  it("a client that lacks a permission is told which", async () => {
    const reply = await platform.merchant.post("/clients", { name: "reader", permissions: ["intents:read"] });
    const { client_id, client_secret } = reply.body.data;
    const ended = await run(["events", "tail"], {
      ...env,
      MINTRO_CLIENT_ID: client_id,
      MINTRO_CLIENT_SECRET: client_secret,
    });
    expect(ended.code).toBe(1);
    expect(ended.error).toMatch(/may not do this: .*events:read/);
  });

  it("with colours at a terminal that wants them, and without where NO_COLOR is set", async () => {
    const coloured = await run(["clock"], { ...env, FORCE_COLOR: "1" });
    expect(coloured.out).toContain("\u001b[1m");
    const plain = await run(["clock"], { ...env, NO_COLOR: "1" });
    expect(plain.out).not.toContain("\u001b");
  });
});
