/** What the guides show to copy is what runs: each block is typed in a shell, is part of a sample that a test runs, or says why not. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Mintro } from "@mintro/sdk";
import { signWebhook, verifyWebhook } from "@mintro/sdk/webhooks";
import { beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../server/test/support/free-ports.ts";
import { newMerchant } from "../../server/test/support/merchants.ts";
import {
  CARDS,
  checkoutState,
  eventually,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../../server/test/support/platform.ts";
import { BLOCKS, type Block, named, ROOT, read } from "./test/blocks.ts";
import { BROUGHT_ALONG, EXEMPT, MODULES, STEPS, type Step, WHO_AND_WHERE } from "./test/pages.ts";
import { isAnswer } from "./test/shapes.ts";
import { type Desk, openDesk } from "./test/terminal.ts";

/** Files whose text may stand in a page, and the test that names and runs each, or starts all as one program. */
const SAMPLES = [
  { files: "docs/guides/samples/*.ts", runBy: "docs/guides/samples.test.ts" },
  { files: "docs/guides/receiver.ts", runBy: "docs/guides/receiver.test.ts" },
  { files: "docs/guides/embed/*.html", runBy: "docs/guides/iframe-integration.test.ts" },
  { files: "sdk/test/samples/*.ts", runBy: "sdk/test/support/installed.ts" },
  { files: "examples/express-shop/src/*.ts", runBy: "examples/express-shop/shop.test.ts", isProgram: true },
  {
    files: "examples/react-shop/{server,src}/*.{ts,tsx}",
    runBy: "examples/react-shop/shop.test.ts",
    isProgram: true,
  },
];

const isOf = ({ page, text }: Block, { page: wanted, block }: { page: string; block: string }) =>
  page === wanted && text.includes(block);
const isExempt = (block: Block) => EXEMPT.some((each) => isOf(block, each));
const isModule = (block: Block) => MODULES.some((each) => isOf(block, each));
const shown = BLOCKS.filter((block) => block.language !== "sh" && !isExempt(block) && !isModule(block));
const typed = BLOCKS.filter((block) => block.language === "sh" && !isExempt(block));

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

describe("every sample", () => {
  const sources = SAMPLES.flatMap(({ files }) => globSync(files, { cwd: ROOT })).map(read);

  it.each(shown.map((block) => [named(block), block] as const))("%s", (_, { language, text }) => {
    if (language === "json") expect(isAnswer(text)).toBe(true);
    else expect(sources.some((source) => source.includes(text))).toBe(true);
  });

  it("of an answer has the fields of an answer", () => {
    expect(isAnswer('{ "success": false, "message": "No such refund.", "data": [] }')).toBe(true);
    expect(isAnswer('{ "success": false, "message": 404, "data": [] }')).toBe(false);
    expect(isAnswer('{ "success": false, "message": "No such refund." }')).toBe(false);
    expect(isAnswer('{ "success": true, "data": { "refund_id": "re_1", "status": "pending" } }')).toBe(false);
  });

  it("stands in a file that its test names", () => {
    for (const { files, runBy, isProgram } of SAMPLES) {
      const paths = globSync(files, { cwd: ROOT });
      expect(paths).not.toEqual([]);
      expect(read(runBy)).not.toBe("");
      for (const path of isProgram ? [] : paths) {
        const name = path.split("/").at(-1) ?? "";
        const others = paths.filter((other) => other !== path);
        expect(
          [runBy, ...others].some((other) => read(other).includes(name)),
          path,
        ).toBe(true);
      }
    }
  });

  it("that is not run is named with a reason, and only those", () => {
    const notOnce = [...STEPS, ...EXEMPT, ...MODULES].filter(
      (each) => BLOCKS.filter((block) => isOf(block, each)).length !== 1,
    );
    expect(notOnce).toEqual([]);
    for (const { why } of EXEMPT) expect(why).toMatch(/\w/);
  });

  it("of another company's API is JavaScript at least", () => {
    const foreign = BLOCKS.filter(
      (block) => block.page.includes("stripe") && block.language !== "sh" && isExempt(block),
    );
    expect(foreign).toHaveLength(4);
    for (const { text } of foreign) stripTypeScriptTypes(`async function shown() {\n${text}\n}`);
  });

  it("of settings names variables that there are", () => {
    const settings = BLOCKS.find(
      ({ page, text }) => page.endsWith("going-live.md") && text.startsWith("DATABASE_URL="),
    );
    const names = [...(settings?.text ?? "").matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(read("docs/operate/configuration.md")).toContain(`| \`${name}\``);
  });
});

describe("typed from top to bottom", { timeout: 120_000 }, () => {
  const pages = [...new Set(typed.map(({ page }) => page))];

  it.concurrent.each(pages)("%s does what it says", async (page) => {
    await atDesk(page, async (desk) => {
      if (page !== "README.md" && page !== WHO_AND_WHERE.page) await desk.type(textOf(WHO_AND_WHERE));
      const heard: (() => string)[] = [];
      for (const { from } of BROUGHT_ALONG.filter((each) => each.page === page))
        await besideAndReady(desk, from);
      for (const block of typed.filter((each) => each.page === page)) {
        const step = STEPS.find((each) => isOf(block, each));
        if (step?.isBeside) {
          heard.push(await besideAndReady(desk, step));
        } else await typeOne(desk, block, step);
        if (step?.pays) await pay(desk.paymentUrl(), step.pays);
        if (step?.heard) await hear(heard, step.heard);
      }
    });
  });
});

const textOf = (wanted: { page: string; block: string }): string =>
  BLOCKS.find((block) => isOf(block, wanted))?.text ?? "";

/** Gives back what the other terminal has printed so far, once it prints what it shall. */
async function besideAndReady(
  desk: Desk,
  step: Pick<Step, "page" | "block" | "says">,
): Promise<() => string> {
  const output = desk.typeBeside(textOf(step));
  for (const say of step.says ?? []) await eventually(() => say.test(output()), 60_000);
  return output;
}

async function typeOne(desk: Desk, block: Block, step: Step | undefined): Promise<void> {
  const { isFine, output } = await desk.type(block.text);
  expect(isFine, `${named(block)}\n${output}`).toBe(step?.isRefused !== true);
  for (const say of step?.says ?? []) expect(output, named(block)).toMatch(say);
}

async function hear(terminals: readonly (() => string)[], what: RegExp): Promise<void> {
  await eventually(() => terminals.some((output) => what.test(output())), 30_000).catch(() => {
    expect(terminals.map((output) => output()).join("\n")).toMatch(what);
  });
}

/** A merchant of the page's own, with the files that a Mintro keeps for its owner. */
async function atDesk(page: string, work: (desk: Desk) => Promise<void>): Promise<void> {
  const isOperator = page.endsWith("going-live.md"); // its commands make clients of the first merchant
  const merchant = await newMerchant(platform, isOperator ? { merchant: "My Store" } : {});
  const folder = await mkdtemp(join(tmpdir(), "mintro-guides-"));
  const receiverPort = await freePort();
  const desk = openDesk({
    folder,
    mintro: platform.url,
    receiverPort,
    databaseUrl: platform.databaseUrl,
    kept: {
      "client-id": merchant.clientId,
      "client-secret": merchant.clientSecret,
    },
  });
  try {
    await work(desk);
  } finally {
    await desk.leave();
    await rm(folder, { recursive: true, force: true });
  }
}

describe("run", () => {
  let mintro: Mintro;
  const anOrder = () => `ORDER-${randomUUID()}`;

  beforeAll(() => {
    const { clientId, clientSecret } = platform.merchant;
    Object.assign(process.env, {
      MINTRO_URL: platform.url,
      MINTRO_CLIENT_ID: clientId,
      MINTRO_CLIENT_SECRET: clientSecret,
    });
    mintro = new Mintro({ baseUrl: platform.url, clientId, clientSecret });
  });

  it.each(MODULES)("as a module, $page makes a payment link", async (wanted) => {
    const { clientId, clientSecret } = await newMerchant(platform);
    const own = `const clientId = ${JSON.stringify(clientId)}, clientSecret = ${JSON.stringify(clientSecret)};`;
    const block = textOf(wanted).replaceAll("http://localhost:3000", platform.url);
    const source = `${own}\n${block}\nprocess.stdout.write(payment_url);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source], {
      cwd: ROOT,
    });
    expect(stdout).toMatch(new RegExp(`^${platform.url}/pay/`));
  });

  it("first-payment.ts makes a link for an order and tells when it is paid", async () => {
    const { checkOut, isPaid } = await import("./samples/first-payment.ts");
    const order = anOrder();
    const link = await checkOut(order);
    expect(await isPaid(order)).toBe(false);
    await pay(link);
    expect(await isPaid(order)).toBe(true);
  });

  it("idempotency.ts asks again under its key after a lost answer, and gives back once", async () => {
    const { runRefundJob } = await import("./samples/idempotency.ts");
    const intentId = await paidIntent();
    const job = { id: randomUUID(), intentId, amount: "25.00" };
    const { clientId, clientSecret } = platform.merchant;
    const losing: typeof fetch = async (...request) => {
      await fetch(...request);
      throw new TypeError("the connection broke");
    };
    const unlucky = new Mintro({
      baseUrl: platform.url,
      clientId,
      clientSecret,
      fetch: losing,
      maxRetries: 0,
    });
    expect(await runRefundJob(unlucky, job)).toBe("later");
    expect(await runRefundJob(mintro, job)).toBe("asked");
    expect((await mintro.intents.get(intentId)).charges[0]?.amount_refunded).toBe("25.00");
    expect(await runRefundJob(mintro, { ...job, id: randomUUID(), amount: "60.00" })).toBe("refused");
  });

  it("refunds.ts gives a part back, tells the order, and leaves the customer's page as it was", async () => {
    const { refundPart, onRefundEvent } = await import("./samples/refunds.ts");
    const { intent_id: intentId, payment_url } = await platform.merchant.createIntent();
    await pay(payment_url);
    const refund = await refundPart(mintro, {
      intentId,
      amount: "25.00",
      reason: "damaged",
      key: randomUUID(),
    });
    expect(refund).toMatchObject({ status: "pending", amount: "25.00", reason: "damaged" });
    const [told] = await eventually(() => {
      const found = platform.sink.of("payment.refunded", intentId);
      return found.length > 0 && found;
    });
    const done: string[] = [];
    const orders = {
      refunded: async (...given: string[]) => void done.push(given.join(" ")),
      lookAt: async (...given: string[]) => void done.push(given.join(" ")),
    };
    const { secret } = platform.sink;
    if (!told) throw new Error("It was told.");
    await onRefundEvent(orders, verifyWebhook({ body: told.body, headers: told.headers, secret }));
    const common = {
      refund_id: "re_1",
      intent_id: "pi_1",
      charge_id: 1,
      amount: "5.00",
      currency: "USD",
      metadata: {},
    };
    const late = signWebhook({
      event: { ...common, event: "payment.refunded", reason: "late_success" },
      secret,
    });
    await onRefundEvent(orders, verifyWebhook({ ...late, secret }));
    const failed = { ...common, event: "refund.failed", reason: null, message: "closed account" } as const;
    await onRefundEvent(orders, verifyWebhook({ ...signWebhook({ event: failed, secret }), secret }));
    expect(done).toEqual([`${intentId} 25.00 USD`, "pi_1 closed account"]);
    expect((await checkoutState(payment_url)).status).toBe("succeeded");
  });

  it("refunds.ts gives back the newest cycle of a subscription", async () => {
    const { refundNewestCycle } = await import("./samples/refunds.ts");
    const { intentId } = await subscribe(platform);
    await platform.merchant.advance({ seconds: 30 * 86_400 });
    const refund = await refundNewestCycle(mintro, intentId);
    const { charges } = await mintro.intents.get(intentId);
    const refunded = charges.find(({ charge_id }) => charge_id === refund?.charge_id);
    expect(refunded).toMatchObject({ cycle: 1, amount_refunded: "80.00" });
  });

  it("subscriptions.ts starts a membership, and testing.ts sees its renewal fail", async () => {
    const { join: becomeMember, hasAccess } = await import("./samples/subscriptions.ts");
    const { renewalThatFails, receiverThatMissesOne } = await import("./samples/testing.ts");
    const member = { id: randomUUID(), email: "customer@example.com", name: "John Doe" };
    const url = await becomeMember(mintro, member);
    const { intent_id: id } = await mintro.intents.getByReference(`MEMBER-${member.id}`);
    const pastDue = await renewalThatFails(id, url);
    expect(pastDue).toMatchObject({ status: "past_due", amount: "15.00" });
    expect(hasAccess(pastDue)).toBe(true);
    await platform.merchant.advance({ seconds: 7 * 86_400 });
    expect(hasAccess(await mintro.subscriptions.get(pastDue.subscription_id))).toBe(false);
    await receiverThatMissesOne();
    expect((await mintro.test.faults.disarm()).disarmed).toBe(1);
  });

  it("webhooks.ts believes what the platform signed, also with an old secret beside the new", async () => {
    const { verifiedByEither, verifiedByLibrary } = await import("./samples/webhooks.ts");
    const { secret } = platform.sink;
    const intentId = await paidIntent();
    const { body, headers } = await eventually(() => platform.sink.of("payment.succeeded", intentId)[0]);
    const plain = headers as Record<string, string>;
    expect(verifiedByLibrary(body, plain, secret)).toMatchObject({ intent_id: intentId });
    const old = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
    expect(verifiedByEither(body, headers, [old, secret])).toMatchObject({ intent_id: intentId });
    expect(() => verifiedByLibrary(body, plain, old)).toThrow();
    expect(() => verifiedByEither(body, headers, [old])).toThrow();
  });

  it("moving.ts takes an order through Mintro, from the checkout to the renewal", async () => {
    const { checkOut, mintroWebhook, thanks } = await import("./samples/moving.ts");
    const id = anOrder();
    const customer = { id: "C-1", email: "customer@example.com", name: "John Doe" };
    const link = await checkOut({ id, customer, lines: [{ name: "Product 1", quantity: 3, cents: 2500 }] });
    const { intent_id: intentId, amount } = await mintro.intents.getByReference(id);
    expect(amount).toBe("75.00");
    const query = new URLSearchParams({ intent_id: intentId });
    expect(await thanks(query)).toBe("We are waiting for your payment.");
    await pay(link);
    expect(await thanks(query)).toBe("Thank you, John Doe.");
    const { intentId: subscribed } = await subscribe(platform, { number: CARDS.firstOnly });
    await platform.merchant.advance({ seconds: 30 * 86_400 });

    const done: string[] = [];
    const shop = {
      secret: platform.sink.secret,
      fulfil: async (order: string) => void done.push(`fulfil ${order}`),
      extend: async (subscription: string) => void done.push(`extend ${subscription}`),
      remind: async (_: string, why: string) => void done.push(`remind: ${why}`),
    };
    const forward = async (event: string, intent: string): Promise<number> => {
      const { body, headers } = await eventually(() => platform.sink.of(event, intent)[0]);
      const copied = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, String(value)]),
      );
      const url = "http://shop.example/webhooks/mintro";
      return (await mintroWebhook(shop, new Request(url, { method: "POST", body, headers: copied }))).status;
    };
    expect(await forward("payment.succeeded", intentId)).toBe(200);
    expect(await forward("subscription.failed", subscribed)).toBe(200);
    const renewed = {
      event: "subscription.renewed",
      subscription_id: "sub_1",
      intent_id: "pi_1",
      metadata: {},
    } as const;
    const { body, headers } = signWebhook({ event: renewed, secret: shop.secret });
    const request = () =>
      new Request("http://shop.example/webhooks/mintro", { method: "POST", body, headers });
    expect((await mintroWebhook(shop, request())).status).toBe(200);
    expect(
      (await mintroWebhook({ ...shop, secret: `whsec_${Buffer.alloc(32, 1).toString("base64")}` }, request()))
        .status,
    ).toBe(400);
    expect(done).toEqual([`fulfil ${id}`, "remind: The card was declined.", "extend sub_1"]);
  });

  async function paidIntent(): Promise<string> {
    const { intent_id, payment_url } = await platform.merchant.createIntent();
    await pay(payment_url);
    return intent_id;
  }
});
