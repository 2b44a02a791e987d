/** The command as it is typed: `mintro clients …` in a process of its own, on a real database. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLog } from "@mintro/server/base/log";
import { startEmbeddedPostgres } from "@mintro/server/main/embedded-postgres";
import { type Running, run } from "@mintro/server/main/wire";
import { listClients } from "@mintro/server/store/accounts";
import { Pool } from "pg";
import { beforeAll, describe, expect, inject, it } from "vitest";

const BIN = fileURLToPath(new URL("../bin/mintro.mjs", import.meta.url));

type Ended = { readonly code: number; readonly out: string; readonly error: string };

function mintro(args: readonly string[], env: Record<string, string>, node: string[] = []): Promise<Ended> {
  const { PATH = "" } = process.env;
  return new Promise((resolve) => {
    const command = [...node, BIN, ...args];
    execFile(process.execPath, command, { env: { PATH, ...env } }, (error, out, written) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, error: written });
    });
  });
}

/** A migrated database of this file's own. */
async function newDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const { adminUrl, template, prefix } = inject("testDatabases");
  const admin = new Pool({ connectionString: adminUrl, max: 1 });
  admin.on("error", () => undefined);
  const name = `${prefix}cli_${randomBytes(6).toString("hex")}`;
  await admin.query(`create database ${name} template ${template} strategy file_copy`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await admin.query(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}

describe("beside a running platform", () => {
  let platform: Running;
  let env: { DATABASE_URL: string };
  beforeAll(async () => {
    const database = await newDatabase();
    env = { DATABASE_URL: database.url };
    platform = await run({
      databaseUrl: database.url,
      databaseIsOurs: false,
      log: createLog("silent"),
      port: 0,
      host: "127.0.0.1",
      publicUrl: null,
      secretKey: randomBytes(32),
      client: { clientId: "test_environment", clientSecret: randomBytes(24).toString("hex") },
      webhook: null,
      allowPrivateWebhooks: true,
      allowedOrigins: null,
      rateLimit: 0,
      trustedProxies: [],
    });
    return async () => {
      await platform.stop();
      await database.drop();
    };
  });

  type Pair = { client_id: string; client_secret: string };
  const create = async (...options: string[]): Promise<Pair> => {
    const { code, out, error } = await mintro(["clients", "create", "--json", ...options], env);
    expect(error).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/^\{"client_id":"[^"]+","client_secret":"[^"]+"\}\n$/);
    return JSON.parse(out) as Pair;
  };
  const ask = async (pair: Pair, path = "/intents/reference/none"): Promise<number> => {
    const headers = { "x-client-id": pair.client_id, "x-client-secret": pair.client_secret };
    return (await fetch(`${platform.publicUrl}/api/platform${path}`, { headers })).status;
  };

  it("makes a client that may do everything, at once", async () => {
    const pair = await create();
    expect(pair.client_id).toMatch(/^test_/);
    expect(pair.client_secret.length).toBeGreaterThanOrEqual(32);
    expect(await ask(pair)).toBe(404);
    expect(await ask(pair, "/subscriptions")).toBe(200);
    expect(await ask(pair, "/test/clock")).toBe(200);
    expect(await ask({ ...pair, client_secret: `${pair.client_secret}x` })).toBe(401);
  });

  it("gives a client only the permissions that are named", async () => {
    const pair = await create("--permissions", "subscriptions:read, intents:read,intents:read");
    expect(await ask(pair)).toBe(404);
    expect(await ask(pair, "/subscriptions")).toBe(200);
    expect(await ask(pair, "/test/clock")).toBe(403);
  });

  it("makes a live client of a merchant of its own, apart from all others", async () => {
    const pair = await create("--mode", "live", "--merchant", "Bücher & Söhne", "--name", "till 1");
    expect(pair.client_id).toMatch(/^live_/);
    expect(await ask(pair, "/test/clock")).toBe(400);
    const [again, other] = await Promise.all([
      create("--mode", "live", "--merchant", "Bücher & Söhne"),
      create("--merchant", "Somebody Else"),
    ]);
    const all = await list();
    const [one, two, three] = [pair, again, other].map(({ client_id }) =>
      all.find((client) => client["client_id"] === client_id),
    );
    expect(one).toMatchObject({ merchant: "Bücher & Söhne", mode: "live", name: "till 1", revoked_at: null });
    expect(two).toMatchObject({ merchant: "Bücher & Söhne", mode: "live" });
    expect(three).toMatchObject({ merchant: "Somebody Else", mode: "test" });
  });

  const list = async () => {
    const { code, out } = await mintro(["clients", "list", "--json"], env);
    expect(code).toBe(0);
    return JSON.parse(out) as Record<string, unknown>[];
  };

  it("lists clients without their secrets", async () => {
    const pair = await create("--permissions", "intents:read");
    const [last] = (await list()).slice(-1);
    expect(last).toEqual({
      client_id: pair.client_id,
      name: expect.any(String),
      merchant: "My Store",
      mode: "test",
      permissions: ["intents:read"],
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      revoked_at: null,
    });
    const { out } = await mintro(["clients", "list"], env);
    expect(out).toContain(pair.client_id);
    expect(out).toContain("test_environment");
    expect(out).not.toContain(pair.client_secret);
    expect(out).not.toContain(pair.client_secret.slice(3));
  });

  it("revokes a client, which is out at once; doing it again changes nothing", async () => {
    const pair = await create();
    expect(await ask(pair)).toBe(404);
    const first = await mintro(["clients", "revoke", pair.client_id], env);
    expect(first).toMatchObject({ code: 0, error: "" });
    expect(first.out).toContain(pair.client_id);
    expect(await ask(pair)).toBe(401);
    const revokedAt = async () =>
      (await list()).find((client) => client["client_id"] === pair.client_id)?.["revoked_at"];
    const at = await revokedAt();
    expect(at).toEqual(expect.any(String));
    expect((await mintro(["clients", "revoke", pair.client_id], env)).code).toBe(0);
    expect(await revokedAt()).toBe(at);
    const again = await mintro(["clients", "revoke", pair.client_id, "--json"], env);
    expect(JSON.parse(again.out)).toMatchObject({ client_id: pair.client_id, revoked_at: at });
  });

  it("shows the pair to people with what it may do", async () => {
    const { code, out } = await mintro(["clients", "create", "--permissions", "events:read"], env);
    expect(code).toBe(0);
    const [, id] = /X-Client-ID +(\S+)/.exec(out) ?? [];
    const [, secret] = /X-Client-Secret +(\S+)/.exec(out) ?? [];
    expect(await ask({ client_id: id ?? "", client_secret: secret ?? "" }, "/subscriptions")).toBe(403);
    expect(out).toContain("events:read");
  });

  it.each([
    [
      "an unknown permission",
      ["clients", "create", "--permissions", "intents:read,money:print"],
      /money:print.*intents:read, intents:write.*test:write/,
    ],
    ["no permission at all", ["clients", "create", "--permissions", " , "], /None is named.*intents:read/],
    ["an unknown mode", ["clients", "create", "--mode", "prod"], /test, live/],
    ["a blank merchant", ["clients", "create", "--merchant", "  "], /1 to 100 characters/],
    ["a name of two lines", ["clients", "create", "--name", "a\nb"], /one line/],
    ["an unknown option", ["clients", "create", "--secret", "x"], /unknown option/],
    ["an unknown command", ["clients", "destroy"], /unknown command/],
    ["a client that does not exist", ["clients", "revoke", "test_nobody"], /There is no client test_nobody/],
    ["no client to revoke", ["clients", "revoke"], /missing required argument/],
  ])("refuses %s with exit code 1 and says why, on standard error alone", async (_, args, why) => {
    const count = async () => (await listClients(platform.platform.db)).length;
    const before = await count();
    const ended = await mintro(args, env);
    expect(ended.code).toBe(1);
    expect(ended.out).toBe("");
    expect(ended.error.replaceAll("\n", " ")).toMatch(why);
    expect(ended.error).not.toMatch(/ at .*\.[tj]s/);
    expect(await count()).toBe(before);
  });
});

describe("with the embedded database", () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), "mintro-cli-")), "data");
    return () => rm(join(dataDir, ".."), { recursive: true, force: true, maxRetries: 5 });
  });

  it("starts it for the moment, and finds it again while a platform runs it", async () => {
    const env = { MINTRO_DATA_DIR: dataDir };
    const missing = await mintro(["clients", "list"], env);
    expect(missing).toMatchObject({ code: 2, out: "" });
    expect(missing.error).toContain("MINTRO_DATA_DIR");
    await expect(readdir(dataDir)).rejects.toThrow("ENOENT");

    const made = await mintro(["clients", "create", "--json"], env);
    expect(made.code, made.error).toBe(0);
    expect(made.error).toContain(dataDir);
    const { client_id } = JSON.parse(made.out) as { client_id: string };
    const stopped = await mintro(["clients", "list"], env);
    expect(stopped).toMatchObject({ code: 0, error: "" });
    expect(stopped.out).toContain(client_id);

    const server = await startEmbeddedPostgres({ dataDir, durable: false });
    try {
      const beside = await mintro(["clients", "revoke", client_id], env);
      expect(beside).toMatchObject({ code: 0, error: "" });
      expect((await mintro(["clients", "list"], env)).out).toMatch(new RegExp(`${client_id} .* revoked `));
    } finally {
      await server.stop();
    }
  });
});

describe("without a database", () => {
  it.each([
    ["postgres://mintro:hidden@127.0.0.1:1/mintro", /DATABASE_URL.*nothing answers/],
    ["mysql://localhost/mintro", /DATABASE_URL is/],
  ])("%s: exit code 2 and one line", async (url, why) => {
    const ended = await mintro(["clients", "list"], { DATABASE_URL: url });
    expect(ended.code).toBe(2);
    expect(ended.out).toBe("");
    expect(ended.error).toMatch(why);
    expect(ended.error.trim().split("\n")).toHaveLength(1);
    expect(ended.error).not.toContain("hidden");
  });

  it("says what it can do, with exit codes, permissions and version", async () => {
    const help = await mintro(["--help"], {});
    expect(help).toMatchObject({ code: 0, error: "" });
    expect(help.out).toMatch(
      /clients[\s\S]*DATABASE_URL[\s\S]*MINTRO_DATA_DIR[\s\S]*Exit codes:[\s\S]*0[\s\S]*1[\s\S]*2/,
    );
    const createHelp = await mintro(["clients", "create", "--help"], {});
    expect(createHelp.out).toMatch(/--permissions[\s\S]*--mode[\s\S]*--merchant[\s\S]*--name[\s\S]*--json/);
    expect(createHelp.out).toContain("subscriptions:write");
    expect((await mintro(["--version"], {})).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const nothing = await mintro([], {});
    expect(nothing.code).toBe(1);
    expect(nothing.error).toContain("Usage: mintro");
  });

  it("tells an older Node in one line what it needs", async () => {
    const older =
      "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})";
    const ended = await mintro(["clients", "list"], {}, ["--import", older]);
    expect(ended.code).toBe(1);
    expect(ended.out).toBe("");
    expect(ended.error).toMatch(/^Mintro needs Node 24\.15 or newer, and this is 20\.20\.2\..*\n$/);
  });
});
