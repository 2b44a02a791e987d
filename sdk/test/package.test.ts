/**
 * The SDK as others get it: built, packed, looked at by publint and attw, installed from its tarball into an empty project
 * without a network, type-checked there in the strictest ways, and used there against the platform.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pay, startPlatform, type TestPlatform } from "../../server/test/support/platform.ts";
import { buildSdk } from "../build.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODULES = join(ROOT, "node_modules");
/** What the SDK needs and what that needs, since nothing is asked of a registry. */
const DEPENDENCIES = ["standardwebhooks", "@stablelib/base64", "fast-sha256"];
/** What the samples need. Linked, as merchants have them already. */
const FRAMEWORKS = ["express", "fastify", "hono", "@types/node", "@types/express"];

let folder: string;
let project: string;
let tarball: string;

function run(program: string, args: string[], cwd: string): string {
  // A cache of its own, so that nothing can come from elsewhere.
  const env = { ...process.env, npm_config_cache: join(folder, "cache"), npm_config_offline: "true" };
  try {
    return execFileSync(program, args, { cwd, env, encoding: "utf8", timeout: 110_000, stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(" ")}\n${stdout ?? ""}${stderr ?? ""}`);
  }
}

/** The tarballs, in the order of the folders. */
function pack(...sources: string[]): string[] {
  const args = ["pack", "--ignore-scripts", "--pack-destination", folder, ...sources];
  const names = run("npm", args, folder).trim().split("\n").slice(-sources.length);
  return names.map((name) => join(folder, name));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mintro-sdk-"));
  const copy = join(folder, "sdk");
  for (const name of ["package.json", "README.md", "LICENSE", "src", "embed"])
    cpSync(join(ROOT, "sdk", name), join(copy, name), { recursive: true });
  buildSdk(join(copy, "dist"));
  const [own = "", ...others] = pack(copy, ...DEPENDENCIES.map((name) => join(MODULES, name)));
  tarball = own;
  project = join(folder, "project");
  mkdirSync(join(project, "node_modules"), { recursive: true });
  writeFileSync(join(project, "package.json"), '{ "name": "shop", "private": true, "type": "module" }');
  run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", tarball, ...others], project);
  for (const name of FRAMEWORKS) {
    mkdirSync(join(project, "node_modules", name, ".."), { recursive: true });
    symlinkSync(join(MODULES, name), join(project, "node_modules", name));
  }
  cpSync(join(ROOT, "sdk/test/samples"), join(project, "samples"), { recursive: true });
  cpSync(join(ROOT, "sdk/test/support/installed.ts"), join(project, "installed.ts"));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the package", () => {
  it("holds what is named, and no test", () => {
    const names = run("tar", ["-tzf", tarball], folder).trim().split("\n");
    for (const name of ["README.md", "LICENSE", "dist/index.js", "dist/webhooks.d.ts", "dist/embed/index.js"])
      expect(names).toContain(`package/${name}`);
    expect(names.filter((name) => /\/test\/|\.test\.|tsconfig|build\.ts/.test(name))).toEqual([]);
  });

  it("is well formed, as publint sees it", async () => {
    const data = new Uint8Array(readFileSync(tarball)).buffer;
    const { messages, pkg } = await publint({
      pack: { tarball: data },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it("has the types that it runs by, as attw sees it, for ES modules and for require() of them", async () => {
    const result = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
    if (!result.types) throw new Error("no types");
    // ESM alone: `node10` knows no exports, and `require` of an ES module works since Node 20.19.
    const problems = result.problems.filter(
      (problem) =>
        problem.kind !== "CJSResolvesToESM" &&
        !("resolutionKind" in problem && problem.resolutionKind === "node10"),
    );
    expect(problems).toEqual([]);
    for (const name of [".", "./webhooks", "./embed"]) expect(result.entrypoints[name]).toBeDefined();
  });
});

describe("installed from its tarball", { timeout: 120_000 }, () => {
  const check = (
    name: string,
    options: Record<string, unknown>,
    files: string[],
    compiler = join(MODULES, ".bin/tsc"),
  ) => {
    const config = join(project, `tsconfig.${name}.json`);
    const compilerOptions = { strict: true, noEmit: true, target: "es2022", types: [], ...options };
    writeFileSync(config, JSON.stringify({ compilerOptions, files }));
    run(compiler, ["-p", config], project);
  };

  const everything = `
    import { Mintro, type Intent } from "@mintro/sdk";
    import { verifyWebhook } from "@mintro/sdk/webhooks";
    import { mountCheckout } from "@mintro/sdk/embed";
    const mintro = new Mintro({ baseUrl: "http://localhost:3000", clientId: "a", clientSecret: "b" });
    export const found: Promise<Intent> = mintro.intents.get("pi_1");
    export const event: "payment.succeeded" | string = verifyWebhook({ body: "", headers: {}, secret: "" }).event;
    export const mount: typeof mountCheckout = mountCheckout;
    // @ts-expect-error a recurring intent is spelt otherwise
    mintro.intents.list({ status: "paid" });
    // @ts-expect-error the amount is missing
    mintro.intents.create({ currency: "USD" });
  `;

  it.each([
    ["nodenext", { module: "nodenext", moduleResolution: "nodenext" }],
    ["bundler", { module: "esnext", moduleResolution: "bundler" }],
  ])("its own types are right under %s, without skipLibCheck or types of Node", (name, options) => {
    writeFileSync(join(project, "everything.ts"), everything);
    const strictest = {
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
    };
    check(name, { ...options, ...strictest }, ["everything.ts"]);
  });

  it("and for an older compiler", () => {
    writeFileSync(join(project, "everything.ts"), everything);
    const { resolve } = createRequire(
      createRequire(import.meta.url).resolve("@arethetypeswrong/core/package.json"),
    );
    const compiler = resolve("typescript/bin/tsc");
    check(
      "older",
      { module: "nodenext", skipLibCheck: false, skipDefaultLibCheck: true },
      ["everything.ts"],
      compiler,
    );
  });

  it("the samples compile beside their frameworks", () => {
    const options = {
      module: "nodenext",
      types: ["node"],
      skipLibCheck: true,
      allowImportingTsExtensions: true,
    };
    check("samples", options, ["installed.ts"]);
  });

  it("is imported, and also required", () => {
    const inspect = "console.log(typeof m.Mintro, typeof w.verifyWebhook)";
    const esm = `import * as m from "@mintro/sdk"; import * as w from "@mintro/sdk/webhooks"; ${inspect}`;
    expect(run(process.execPath, ["--input-type=module", "-e", esm], project).trim()).toBe(
      "function function",
    );
    const cjs = `const m = require("@mintro/sdk"), w = require("@mintro/sdk/webhooks"); ${inspect}`;
    expect(run(process.execPath, ["--input-type=commonjs", "-e", cjs], project).trim()).toBe(
      "function function",
    );
    expect(existsSync(join(project, "node_modules/@mintro/sdk/dist/index.js.map"))).toBe(true);
  });
});

describe("its samples, used as installed", () => {
  let platform: TestPlatform;
  let child: ChildProcess;
  let lines: AsyncIterator<string>;
  let ports: Record<string, unknown>;
  /** What the receivers write of events, and errors. */
  const said: string[] = [];

  /** The next line that is JSON. */
  async function answer(): Promise<Record<string, unknown>> {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the samples ended:\n${said.join("\n")}`);
      if (value.startsWith("{")) return JSON.parse(value) as Record<string, unknown>;
      said.push(value);
    }
  }

  /** What each receiver answers to one webhook, as in `express 200 OK`. */
  const send = async (body: string, headers: Record<string, string>): Promise<string[]> =>
    await Promise.all(
      Object.entries(ports).map(async ([name, port]) => {
        const response = await fetch(`http://127.0.0.1:${String(port)}/webhooks`, {
          method: "POST",
          body,
          headers,
        });
        return `${name} ${response.status} ${(await response.text()).toLowerCase()}`;
      }),
    );

  beforeAll(async () => {
    platform = await startPlatform();
    const { clientId, clientSecret } = platform.merchant;
    const env = {
      ...process.env,
      MINTRO_URL: platform.url,
      MINTRO_CLIENT_ID: clientId,
      MINTRO_CLIENT_SECRET: clientSecret,
      WEBHOOK_SECRET: platform.sink.secret,
    };
    child = spawn(process.execPath, ["installed.ts"], { cwd: project, env, stdio: ["pipe", "pipe", "pipe"] });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => said.push(text));
    if (!child.stdout) throw new Error("the samples have no output");
    lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    ports = await answer();
  });
  afterAll(() => {
    child.kill();
  });

  it("the client makes links, finds orders, tells wrong fields and tests a receiver", async () => {
    expect(await answer()).toMatchObject({
      link: expect.stringContaining("/pay/") as string,
      isPaid: false,
      isUnknownPaid: false,
      latest: true,
      items: 0,
      wrong: { amount: ["The amount must be at least 1."] },
      ownTest: true,
    });
  });

  it("receivers in Express, Fastify, Hono and Next take the platform's webhooks, and only those", async () => {
    const answers: string[][] = [];
    platform.sink.answer(async ({ body, headers }) => {
      const passed = ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"];
      const copied = Object.fromEntries(passed.map((name) => [name, String(headers[name])]));
      answers.push(await send(body, copied), await send(body.replace("999", "998"), copied));
      return 200;
    });
    const { intent_id, payment_url } = await platform.merchant.createIntent();
    await pay(payment_url);
    await platform.settled();
    const [taken, refused] = answers;
    expect(taken).toEqual(["express 200 ok", "fastify 200 ok", "hono 200 ok", "next 200 ok"]);
    const text = "400 webhookverificationerror: no signature matches";
    expect(refused).toEqual(
      ["express", "fastify", "hono", "next"].map(
        (name) => expect.stringContaining(`${name} ${text}`) as string,
      ),
    );
    child.stdin?.write(`${intent_id}\n`);
    expect(await answer()).toEqual({ refunds: 1, isPaid: false, days: 30 });
    // One line, though four receivers took it: they keep it under its id in one place.
    expect(said.filter((line) => line.startsWith(`${intent_id} is paid by charge`))).toHaveLength(1);
  });
});
