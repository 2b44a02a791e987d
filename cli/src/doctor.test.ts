/** `mintro doctor` on receivers that are right and on ones with each mistake, and on pages beside what Chromium does. */
import { spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { realWorld } from "@mintro/server/base/world";
import { newWebhookSecret } from "@mintro/server/domain/webhook-signature";
import { createWebhookSender } from "@mintro/server/flows/webhooks/send";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../../server/test/support/chromium.ts";
import { startPlatform, type TestPlatform } from "../../server/test/support/platform.ts";
import { examineOnce } from "./doctor-once.ts";
import { examinePage } from "./doctor-page.ts";
import { examineReceiver, type Probe, withPatience } from "./doctor-receiver.ts";
import type { Finding } from "./finding.ts";
import { endAll, recordsIn, run } from "./testing.ts";

const secret = newWebhookSecret(randomBytes);
const key = Buffer.from(secret.slice("whsec_".length), "base64");
const servers: Server[] = [];
afterAll(() => {
  endAll();
  for (const server of servers) server.closeAllConnections();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

type Mistake =
  | "verifies nothing"
  | "wants a signature and looks no further"
  | "verifies with another secret"
  | "verifies parsed JSON"
  | "leaves the timestamp alone"
  | "takes timestamps of the future"
  | "signs without the id"
  | "looks at the first signature"
  | "breaks on forgeries"
  | "answers 410 to forgeries"
  | "takes small bodies only"
  | "refuses unknown types"
  | "refuses what it has"
  | "redirects"
  | "is slow with large bodies"
  | "hangs"
  | "wants a login";

const ON_FORGERIES: Partial<Record<Mistake, number>> = {
  "breaks on forgeries": 500,
  "answers 410 to forgeries": 410,
};

/** A receiver with one mistake; without any, a right one. */
async function receiverThat(mistake: Mistake | null): Promise<string> {
  const known = new Set<string>();
  const statusFor = async (request: IncomingMessage): Promise<number> => {
    const body = await readText(request);
    if (mistake === "redirects") return 308;
    if (mistake === "wants a login") return 401;
    if (mistake === "hangs") return await new Promise(() => {});
    if (mistake === "takes small bodies only" && body.length > 4_000) return 413;
    if (mistake === "is slow with large bodies" && body.length > 4_000)
      await new Promise((resolve) => setTimeout(resolve, 5_100));
    const id = String(request.headers["webhook-id"]);
    if (!isRight(request, body)) return (mistake && ON_FORGERIES[mistake]) ?? 400;
    if (mistake === "refuses unknown types" && !body.includes('"endpoint.test"')) return 422;
    if (mistake === "refuses what it has" && known.has(id)) return 409;
    known.add(id);
    return 200;
  };
  const isRight = ({ headers }: IncomingMessage, body: string): boolean => {
    const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) =>
      String(headers[`webhook-${name}`]),
    );
    if (mistake === "verifies nothing") return true;
    if (mistake === "wants a signature and looks no further")
      return headers["webhook-signature"] !== undefined;
    const offSeconds = Date.now() / 1_000 - Number(timestamp);
    const isFresh =
      mistake === "takes timestamps of the future" ? offSeconds < 300 : Math.abs(offSeconds) < 300;
    if (!isFresh && mistake !== "leaves the timestamp alone") return false;
    const text = mistake === "verifies parsed JSON" ? JSON.stringify(JSON.parse(body)) : body;
    const signed = mistake === "signs without the id" ? `${timestamp}.${text}` : `${id}.${timestamp}.${text}`;
    const used = mistake === "verifies with another secret" ? randomBytes(32) : key;
    const wanted = `v1,${createHmac("sha256", used).update(signed).digest("base64")}`;
    const given = signatures?.split(" ") ?? [];
    return (mistake === "looks at the first signature" ? given.slice(0, 1) : given).includes(wanted);
  };
  const port = await serve((request, response) => {
    void statusFor(request)
      .catch(() => 400)
      .then((status) => response.writeHead(status, { location: "/elsewhere" }).end());
  });
  return `http://localhost:${port}/webhooks`;
}

async function examined(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const all: Finding[] = [];
  for await (const finding of findings) all.push(finding);
  return all;
}

async function withProbe<T>(url: string, work: (probe: Probe) => Promise<T>, timeoutMs = 15_000): Promise<T> {
  const sender = createWebhookSender({ world: realWorld(), allowPrivate: true, timeoutMs });
  try {
    return await work({ url, isLive: false, post: (message) => sender.send({ url, ...message }) });
  } finally {
    await sender.close();
  }
}

const named = (findings: readonly Finding[], ...results: Finding["result"][]) =>
  findings.filter(({ result }) => results.includes(result)).map(({ check }) => check);

describe("a receiver", () => {
  it.each<[Mistake | null, string[], string[]]>([
    [null, [], []],
    [
      "verifies nothing",
      [
        "tampered-body",
        "wrong-secret",
        "changed-id",
        "old-timestamp",
        "future-timestamp",
        "changed-timestamp",
        "no-signature",
        "no-headers",
      ],
      [],
    ],
    [
      "wants a signature and looks no further",
      [
        "tampered-body",
        "wrong-secret",
        "changed-id",
        "old-timestamp",
        "future-timestamp",
        "changed-timestamp",
      ],
      [],
    ],
    ["verifies with another secret", ["right-event"], ["forgeries"]],
    ["verifies parsed JSON", ["exact-bytes"], []],
    ["leaves the timestamp alone", ["old-timestamp", "future-timestamp"], []],
    ["takes timestamps of the future", ["future-timestamp"], []],
    ["signs without the id", ["right-event"], ["forgeries"]],
    ["looks at the first signature", ["two-signatures"], []],
    [
      "breaks on forgeries",
      [],
      [
        "tampered-body",
        "wrong-secret",
        "changed-id",
        "old-timestamp",
        "future-timestamp",
        "changed-timestamp",
        "no-signature",
        "no-headers",
      ],
    ],
    [
      "answers 410 to forgeries",
      [
        "tampered-body",
        "wrong-secret",
        "changed-id",
        "old-timestamp",
        "future-timestamp",
        "changed-timestamp",
        "no-signature",
        "no-headers",
      ],
      [],
    ],
    ["takes small bodies only", ["large-body"], []],
    ["refuses unknown types", ["unknown-event"], []],
    ["refuses what it has", ["doubled"], []],
    ["redirects", ["right-event"], []],
    ["is slow with large bodies", [], ["time"]],
    ["wants a login", ["right-event"], ["forgeries"]],
  ])("that %s has %j wrong and %j to look at", async (mistake, wrong, others) => {
    const url = await receiverThat(mistake);
    const found = await withProbe(url, (probe) =>
      examined(examineReceiver(probe, [{ secret, source: "the test" }])),
    );
    expect(named(found, "wrong")).toEqual(wrong);
    expect(named(found, "warning", "unknown")).toEqual(others);
    for (const { result, todo, did, saw } of found) {
      expect(todo === null).toBe(result === "ok");
      expect(did + saw + (todo ?? "")).not.toContain(secret);
    }
  });

  it("that does not answer, or not in time, is told what that means", async () => {
    const hanging = await receiverThat("hangs");
    const secrets = [{ secret, source: "the test" }];
    const found = await withProbe(hanging, (probe) => examined(examineReceiver(probe, secrets)), 300);
    expect(found.at(-1)).toMatchObject({
      check: "right-event",
      result: "wrong",
      saw: "timed out after 0.3 s",
    });
    expect(found.at(-1)?.todo).toMatch(/within 15 seconds/);
    const away = await withProbe("http://localhost:1/", (probe) => examined(examineReceiver(probe, secrets)));
    expect(away.at(-1)).toMatchObject({ result: "wrong", saw: "connection refused" });
  });

  it("that makes one wait is said to be slow, once, while the examination goes on", async () => {
    const said: number[] = [];
    const outcome = { outcome: "delivered", status: 200, error: null, durationMs: 40, responseStart: "" };
    let posted = 0;
    const slowPost = async () => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      posted += 1;
      return outcome as Awaited<ReturnType<Probe["post"]>>;
    };
    const post = withPatience(slowPost, () => said.push(posted), 100);
    for (let times = 0; times < 6; times += 1) await post({ headers: {}, body: "" });
    expect(said).toEqual([2]);
    expect(posted).toBe(6);
  });

  it("is found with whichever of the secrets it verifies with", async () => {
    const url = await receiverThat(null);
    const secrets = [
      { secret: newWebhookSecret(randomBytes), source: "one" },
      { secret, source: "two" },
    ];
    const found = await withProbe(url, (probe) => examined(examineReceiver(probe, secrets)));
    expect(found.find(({ check }) => check === "right-event")).toMatchObject({
      result: "ok",
      did: expect.stringMatching(/of two$/),
    });
  });
});

describe("a doubled event", () => {
  type Way = "once" | "each time" | "looks, then acts" | "nothing" | "counts by itself" | "has no number";

  async function receiverCounting(way: Way): Promise<{ url: string; lookAt: string }> {
    const known = new Set<string>();
    let counted = 0;
    const port = await serve((request, response) => {
      if (request.method === "GET") {
        if (way === "counts by itself") counted += 1;
        response.end(
          way === "has no number" ? "x".repeat(counted + 1) : JSON.stringify({ shipped: counted }),
        );
        return;
      }
      void take(String(request.headers["webhook-id"])).then(() => response.end());
    });
    const take = async (id: string) => {
      const isKnown = known.has(id);
      if (way === "looks, then acts") await new Promise((resolve) => setTimeout(resolve, 50));
      known.add(id);
      if (way !== "nothing" && (way === "each time" || !isKnown)) counted += 1;
    };
    return { url: `http://localhost:${port}/hook`, lookAt: `http://localhost:${port}/count` };
  }

  it.concurrent.each<[Way, Record<string, Finding["result"]>]>([
    ["once", { once: "ok", "once-at-the-same-moment": "ok" }],
    ["each time", { once: "wrong" }],
    ["looks, then acts", { once: "ok", "once-at-the-same-moment": "wrong" }],
    ["nothing", { once: "unknown" }],
    ["counts by itself", { once: "unknown" }],
    ["has no number", { once: "ok", "once-at-the-same-moment": "unknown" }],
  ])("that has its effect %s is told so: %j", async (way, wanted) => {
    const { url, lookAt } = await receiverCounting(way);
    const options = { secret, lookAt, type: "payment.succeeded" };
    const found = await withProbe(url, (probe) => examined(examineOnce(probe, options)));
    expect(Object.fromEntries(found.map(({ check, result }) => [check, result]))).toEqual(wanted);
  });
});

describe("the command", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
  });

  it("finds nothing wrong with the guide's receiver, and exits with 0", async () => {
    const port = await serve(() => undefined); // any free port
    servers.at(-1)?.close();
    const guide = fileURLToPath(new URL("../../docs/guides/receiver.ts", import.meta.url));
    const env = { PATH: process.env["PATH"] ?? "", WEBHOOK_SECRET: secret, PORT: String(port) };
    const child = spawn(process.execPath, [guide], { env });
    try {
      await once(child.stdout, "data");
      const ended = await run(["doctor", `localhost:${port}/webhooks`], { MINTRO_WEBHOOK_SECRET: secret });
      expect(ended).toMatchObject({ code: 0, error: "" });
      expect(ended.out).toMatch(/Nothing wrong, 1 not visible from outside\. 16 checks passed\.\n$/);
      expect(ended.out).not.toContain(secret);
      expect(ended.out).not.toContain("\u001b");
    } finally {
      child.kill();
    }
  });

  it("exits with 1 where something is wrong, and tells programs each finding in a line", async () => {
    const url = await receiverThat("verifies nothing");
    const ended = await run(["doctor", url, "--json"], { MINTRO_WEBHOOK_SECRET: secret });
    expect([ended.code, ended.error]).toEqual([1, ""]);
    const records = recordsIn(ended.out);
    expect(records.filter(({ result }) => result === "wrong")).toHaveLength(8);
    expect(records.at(-1)).toMatchObject({ type: "result", wrong: 8 });
    const byAddress = url.replace("localhost", "127.0.0.1");
    const live = await run(["doctor", byAddress, "--live"], { MINTRO_WEBHOOK_SECRET: secret });
    expect(live.code).toBe(1);
    expect(live.out).toMatch(/not https[\s\S]*address not allowed[\s\S]*public/);
  });

  it("looks at a page and the checkout of a new test intent, and names the header at fault", async () => {
    const port = await serve((request, response) => {
      const policy = request.url === "/closed" ? { "content-security-policy": "default-src 'self'" } : {};
      response.writeHead(200, { "content-type": "text/html", ...policy }).end("<h1>Shop</h1>");
    });
    const env = {
      MINTRO_URL: platform.url,
      MINTRO_CLIENT_ID: platform.merchant.clientId,
      MINTRO_CLIENT_SECRET: platform.merchant.clientSecret,
    };
    const open = await run(["doctor", "--page", `localhost:${port}/`], env);
    expect(open).toMatchObject({ code: 0, error: "" });
    expect(open.out).toMatch(/frame-ancestors \*/);
    const closed = await run(["doctor", "--page", `localhost:${port}/closed`], env);
    expect(closed.code).toBe(1);
    expect(closed.out).toMatch(/forbidden: its Content-Security-Policy header says default-src 'self'/);
    expect(closed.out).toContain(`frame-src 'self' ${new URL(platform.url).origin}\n`);
    expect(closed.out).toContain(`use the embed, let it say: script-src 'self' ${platform.url}\n`);
    expect(closed.out).toMatch(/1 thing wrong, 1 warning\. 3 checks passed\.\n$/);
    const { payment_url: sentBack } = await platform.merchant.createIntent({
      integration_type: "url",
      success_url: "https://example.com/s",
      cancel_url: "https://example.com/c",
    });
    const url = await run(["doctor", "--page", `localhost:${port}/`, "--payment-url", sentBack], {});
    expect(url.code).toBe(1);
    expect(url.out).toMatch(/frame-ancestors 'none'[\s\S]*integration_type iframe/);
  });

  it.each([
    ["nothing to examine", ["doctor"], /What shall be examined/],
    ["no secret", ["doctor", "localhost:1"], /MINTRO_WEBHOOK_SECRET.*--secret-file/],
    ["a file that is not there", ["doctor", "localhost:1", "--secret-file", "none"], /cannot be read/],
    [
      "a page that is not there",
      ["doctor", "--page", "localhost:1", "--payment-url", "localhost:1"],
      /does not answer/,
    ],
  ])("refuses %s with exit code 1", async (_, args, why) => {
    const ended = await run(args, { XDG_CONFIG_HOME: "/nonexistent", MINTRO_DATA_DIR: "/nonexistent" });
    expect(ended.code).toBe(1);
    expect(ended.error).toMatch(why);
  });
});

describe("a page", () => {
  type Case = {
    readonly page?: Record<string, string>;
    readonly checkout?: Record<string, string>;
    readonly meta?: string;
    readonly framed: boolean;
  };
  const csp = (value: string) => ({ "content-security-policy": value });

  it("may frame the checkout exactly where Chromium lets it", async () => {
    let cases: readonly Case[] = [];
    let checkout = "";
    const page = `http://localhost:${await serve((request, response) => {
      const at = Number(request.url?.slice(1));
      const { page: headers, meta } = cases[at] ?? {};
      const element =
        meta === undefined ? "" : `<meta http-equiv="Content-Security-Policy" content="${meta}">`;
      response
        .writeHead(200, { "content-type": "text/html", ...headers })
        .end(`<!doctype html>${element}<iframe src="${checkout}/pay/${at}"></iframe>`);
    })}`;
    checkout = `http://127.0.0.1:${await serve((request, response) => {
      const headers = cases[Number(request.url?.split("/").at(-1))]?.checkout;
      response.writeHead(200, { "content-type": "text/html", ...headers }).end("<title>Checkout</title>");
    })}`;
    cases = [
      { framed: true },
      { page: csp("default-src 'self'"), framed: false },
      { page: csp(`frame-src 'self' ${checkout}`), framed: true },
      { page: csp(`default-src 'none'; child-src ${checkout}`), framed: true },
      { page: csp(`default-src ${checkout}; frame-src 'none'`), framed: false },
      { page: csp("frame-src http:"), framed: true },
      { page: csp("frame-src https:"), framed: false },
      { page: csp("frame-src *"), framed: true },
      { page: csp("frame-src 127.0.0.1"), framed: false },
      { page: csp("frame-src 127.0.0.1:*"), framed: true },
      { page: csp("frame-src http://*:*"), framed: true },
      { page: csp(`frame-src ${checkout}/pay/`), framed: true },
      { page: csp(`frame-src ${checkout}/other/`), framed: false },
      { page: csp(`frame-src ${checkout}/pay`), framed: false },
      { page: csp("frame-src *, frame-src 'self'"), framed: false },
      { page: csp("FRAME-SRC 'NONE'; frame-src *"), framed: false },
      { page: csp("script-src 'none'"), framed: true },
      { meta: "frame-src 'none'", framed: false },
      { meta: `frame-src ${checkout}`, framed: true },
      { page: { "cross-origin-embedder-policy": "require-corp" }, framed: false },
      { checkout: csp("frame-ancestors 'none'"), framed: false },
      { checkout: csp("frame-ancestors 'self'"), framed: false },
      { checkout: csp(`frame-ancestors ${page}`), framed: true },
      { checkout: csp(`frame-ancestors https://shop.example ${page}`), framed: true },
      { checkout: csp("frame-ancestors https://shop.example"), framed: false },
      { checkout: csp("frame-ancestors http://localhost:*"), framed: true },
      { checkout: csp("frame-ancestors http://*.localhost:*"), framed: false },
      { checkout: csp("frame-ancestors localhost"), framed: false },
      { checkout: csp("frame-ancestors *"), framed: true },
      { checkout: { "x-frame-options": "DENY" }, framed: false },
      { checkout: { "x-frame-options": "SAMEORIGIN" }, framed: false },
      { checkout: { "x-frame-options": "ALLOW-FROM https://a.example" }, framed: true },
      { checkout: { "x-frame-options": "DENY", ...csp("frame-ancestors *") }, framed: true },
    ];
    const browser = await launchChromium();
    try {
      const tab = await browser.newPage();
      for (const [at, { framed, ...shown }] of cases.entries()) {
        await tab.goto(`${page}/${at}`, { waitUntil: "load" });
        const title = await tab
          .frames()
          .at(1)
          ?.title()
          .catch(() => "");
        const found = await examined(examinePage(`${page}/${at}`, `${checkout}/pay/${at}`));
        const doctor = named(found, "wrong").length === 0;
        expect({ ...shown, chromium: title === "Checkout", doctor }).toEqual({
          ...shown,
          chromium: framed,
          doctor: framed,
        });
      }
    } finally {
      await browser.close();
    }
  });

  it("is warned of what leaves wallets out, and of a sandbox that the checkout cannot work in", async () => {
    const headers: Record<string, Record<string, string>> = {
      "/wallets": { "permissions-policy": "camera=(), payment=(self)" },
      "/sandbox": csp("sandbox allow-scripts"),
      "/fine": {
        "permissions-policy": "payment=*",
        ...csp("sandbox allow-scripts allow-forms allow-same-origin"),
      },
    };
    const port = await serve((request, response) =>
      response.writeHead(200, headers[request.url ?? ""]).end(),
    );
    const checkout = `http://127.0.0.1:${port}/pay`;
    const look = (path: string) => examined(examinePage(`http://localhost:${port}${path}`, checkout));
    expect(named(await look("/wallets"), "wrong", "warning")).toEqual(["permissions"]);
    expect(named(await look("/sandbox"), "wrong", "warning")).toEqual(["sandbox"]);
    expect(named(await look("/fine"), "wrong", "warning")).toEqual([]);
  });

  it("is told what its policy must say for the embed, and that is wrong where it uses it", async () => {
    const frames = "frame-src *";
    const policies: Record<string, string> = {
      "/none": frames,
      "/self": `script-src 'self'; ${frames}`,
      "/element": `script-src *; script-src-elem 'none'; ${frames}`,
      "/named": `script-src 'self' http://127.0.0.1:*; ${frames}`,
      "/nonce": `script-src 'nonce-c2VjcmV0'; ${frames}`,
    };
    const port = await serve((request, response) => {
      const path = request.url ?? "";
      const html = path === "/self" ? '<script src="http://127.0.0.1/embed.js"></script>' : "";
      response.writeHead(200, csp(policies[path] ?? "")).end(html);
    });
    const checkout = `http://127.0.0.1:${port}/mintro/pay/token`;
    const look = async (path: string) => {
      const found = await examined(examinePage(`http://localhost:${port}${path}`, checkout));
      const finding = found.find(({ check }) => check === "page-allows-embed");
      return finding ? [finding.result, finding.did.split(" ").at(-1), finding.todo] : [];
    };
    const embed = `http://127.0.0.1:${port}/mintro/embed.js`;
    const origin = new URL(embed).origin;
    expect(await look("/self")).toEqual(["wrong", embed, `Let it say: script-src 'self' ${origin}`]);
    expect(await look("/element")).toEqual([
      "warning",
      embed,
      `If the page is to use the embed, let it say: script-src-elem ${origin}`,
    ]);
    for (const path of ["/none", "/named", "/nonce"]) expect(await look(path)).toEqual([]);
  });
});
