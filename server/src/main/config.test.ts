import pg from "pg";
import { describe, expect, test } from "vitest";
import { CannotStart } from "./cannot-start.ts";
import { readConfig } from "./config.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");
const WHSEC = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const external = { DATABASE_URL: "postgres://mintro:pw@db.example/mintro", MINTRO_SECRET_KEY: KEY };

function refusal(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof CannotStart) return error.message;
    throw error;
  }
  return "taken";
}

test("without any variable everything has its default", () => {
  expect(readConfig({})).toEqual({
    role: "both",
    port: 3000,
    host: "127.0.0.1",
    publicUrl: null,
    databaseUrl: null,
    dataDir: ".mintro",
    clientId: null,
    clientSecret: null,
    webhookUrl: null,
    webhookSecret: null,
    allowedOrigins: null,
    allowPrivateWebhooks: true,
    rateLimit: 1_000,
    secretKey: null,
    previousSecretKeys: [],
    trustedProxies: [],
    logLevel: "info",
  });
});

test("a blank variable is none", () => {
  const names = [
    "PORT",
    "HOST",
    "MINTRO_ROLE",
    "MINTRO_PUBLIC_URL",
    "DATABASE_URL",
    "MINTRO_CLIENT_SECRET",
    "MINTRO_RATE_LIMIT",
  ];
  expect(readConfig(Object.fromEntries(names.map((name) => [name, "  "])))).toEqual(readConfig({}));
});

test("with a database of one's own, private addresses are called only when that is said", () => {
  expect(readConfig(external).allowPrivateWebhooks).toBe(false);
  expect(readConfig({ ...external, MINTRO_ALLOW_PRIVATE_WEBHOOKS: "on" }).allowPrivateWebhooks).toBe(true);
  expect(readConfig({ MINTRO_ALLOW_PRIVATE_WEBHOOKS: "off" }).allowPrivateWebhooks).toBe(false);
});

test("a part of the platform needs a database that others reach, and a worker the address of the pages", () => {
  expect(readConfig({ ...external, MINTRO_ROLE: "API" }).role).toBe("api");
  const worker = { ...external, MINTRO_ROLE: "worker" };
  expect(readConfig({ ...worker, MINTRO_PUBLIC_URL: "https://pay.example" }).role).toBe("worker");
  expect(refusal(worker)).toBe(
    "MINTRO_PUBLIC_URL is missing: a worker serves no pages, so give the address at which customers reach them.",
  );
  for (const role of ["api", "worker"])
    expect(refusal({ MINTRO_ROLE: role, MINTRO_PUBLIC_URL: "https://pay.example" })).toBe(
      `MINTRO_ROLE is "${role}": the embedded database is for one process that does both; give DATABASE_URL, or leave MINTRO_ROLE out.`,
    );
});

describe("a value that is right", () => {
  test.each([
    [{ PORT: "0" }, { port: 0 }],
    [{ PORT: " 65535 " }, { port: 65_535 }],
    [{ HOST: "::1" }, { host: "::1" }],
    [{ HOST: "pay-1.internal" }, { host: "pay-1.internal" }],
    [{ MINTRO_PUBLIC_URL: "https://pay.example/" }, { publicUrl: "https://pay.example" }],
    [
      { MINTRO_PUBLIC_URL: "https://Shop.example:8443/pay//" },
      { publicUrl: "https://shop.example:8443/pay" },
    ],
    [{ MINTRO_CLIENT_SECRET: "s".repeat(32) }, { clientSecret: "s".repeat(32) }],
    [{ MINTRO_RATE_LIMIT: "0" }, { rateLimit: 0 }],
    [{ MINTRO_SECRET_KEY: KEY }, { secretKey: Buffer.alloc(32, 7) }],
    [{ MINTRO_SECRET_KEY: KEY.replace("=", "") }, { secretKey: Buffer.alloc(32, 7) }],
    [
      { MINTRO_PREVIOUS_SECRET_KEYS: `${KEY}, ${Buffer.alloc(32, 8).toString("base64")},` },
      { previousSecretKeys: [Buffer.alloc(32, 7), Buffer.alloc(32, 8)] },
    ],
    [{ LOG_LEVEL: "Debug" }, { logLevel: "debug" }],
    [
      { MINTRO_ALLOWED_ORIGINS: "https://a.example, http://b.example:80/ ,https://a.example" },
      { allowedOrigins: ["https://a.example", "http://b.example"] },
    ],
    [
      { MINTRO_TRUSTED_PROXIES: "loopback,10.0.0.0/8, fd00::/8,192.0.2.1" },
      { trustedProxies: ["loopback", "10.0.0.0/8", "fd00::/8", "192.0.2.1"] },
    ],
    [
      { MINTRO_WEBHOOK_URL: "http://localhost:4000/hook", MINTRO_WEBHOOK_SECRET: WHSEC },
      { webhookUrl: "http://localhost:4000/hook", webhookSecret: WHSEC },
    ],
    [
      { ...external, DATABASE_URL: "postgresql:///mintro?host=/var/run/postgresql" },
      { databaseUrl: "postgresql:///mintro?host=/var/run/postgresql" },
    ],
  ])("%j is taken", (env, config) => {
    expect(readConfig(env as Record<string, string>)).toMatchObject(config);
  });
});

describe("a value that is wrong is refused in one line that names it", () => {
  test.each([
    ["PORT", "80a"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "3000.5"],
    ["HOST", "all of them"],
    ["HOST", "300.1.2.3"],
    ["HOST", "http://0.0.0.0"],
    ["MINTRO_PUBLIC_URL", "pay.example"],
    ["MINTRO_PUBLIC_URL", "ftp://pay.example"],
    ["MINTRO_ROLE", "server"],
    ["MINTRO_DATA_DIR", "~/mintro"],
    ["MINTRO_CLIENT_ID", "two words"],
    ["MINTRO_CLIENT_ID", "x".repeat(256)],
    ["MINTRO_WEBHOOK_URL", "shop.example/hook"],
    ["MINTRO_ALLOWED_ORIGINS", "*"],
    ["MINTRO_ALLOWED_ORIGINS", ","],
    ["MINTRO_ALLOWED_ORIGINS", "https://shop.example/path"],
    ["MINTRO_ALLOWED_ORIGINS", "https://shop.example https://other.example"],
    ["MINTRO_ALLOWED_ORIGINS", "https://*.shop.example"],
    ["MINTRO_ALLOW_PRIVATE_WEBHOOKS", "maybe"],
    ["MINTRO_RATE_LIMIT", "many"],
    ["MINTRO_RATE_LIMIT", "1000001"],
    ["MINTRO_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["MINTRO_TRUSTED_PROXIES", "everybody"],
    ["MINTRO_TRUSTED_PROXIES", "10.0.0.1/8/8"],
    ["LOG_LEVEL", "loud"],
    ["LOG_LEVEL", "in two\nlines"],
  ])("%s=%j", (name, given) => {
    const line = refusal({ [name]: given });
    expect(
      line.startsWith(
        `${name} is ${JSON.stringify(given.length > 200 ? `${given.slice(0, 200)}…` : given)}: it must be `,
      ),
    ).toBe(true);
    expect(line).not.toContain("\n");
  });

  test.each([
    ["MINTRO_CLIENT_SECRET", "only-31-characters-long-xxxxxxx"],
    ["MINTRO_CLIENT_SECRET", `${"x".repeat(32)} and a blank`],
    ["MINTRO_WEBHOOK_SECRET", "not-a-secret-of-the-right-form"],
    ["MINTRO_WEBHOOK_SECRET", `whsec_${Buffer.alloc(23).toString("base64")}`],
    ["MINTRO_SECRET_KEY", Buffer.alloc(31, 7).toString("base64")],
    ["MINTRO_SECRET_KEY", "not/base64!".repeat(4)],
    ["MINTRO_PREVIOUS_SECRET_KEYS", `${KEY},${Buffer.alloc(31, 7).toString("base64")}`],
  ])("%s, whose value it does not repeat", (name, given) => {
    const line = refusal({ MINTRO_WEBHOOK_URL: "https://shop.example/hook", [name]: given });
    expect(line.startsWith(`${name} is "… (${given.length} characters)": it must be `)).toBe(true);
    expect(line).not.toContain(given);
  });

  test.each([
    ["MINTRO_PUBLIC_URL", "https://user:hidden@pay.example", "https://…@pay.example"],
    ["MINTRO_PUBLIC_URL", "https://pay.example/?a=hidden", "https://pay.example/?…"],
    ["MINTRO_PUBLIC_URL", "user:hidden@pay.example", "… (23 characters)"],
    ["MINTRO_WEBHOOK_URL", "htp://shop.example/hook?token=hidden", "htp://shop.example/hook?…"],
    ["MINTRO_WEBHOOK_URL", "https://user:hidden@shop.example/hook", "https://…@shop.example/hook"],
    ["MINTRO_WEBHOOK_URL", "ftp://user:1/hidden@shop.example/", "… (33 characters)"],
    [
      "MINTRO_ALLOWED_ORIGINS",
      "https://a.example,https://user:hidden@shop.example",
      "https://a.example,https://…@shop.example",
    ],
  ])("%s without what may be a secret: %s", (name, given, shown) => {
    const line = refusal({ [name]: given });
    expect(line.startsWith(`${name} is "${shown}": it must be `), line).toBe(true);
    expect(line).not.toContain("hidden");
  });

  test.each([
    ["sslmode=foo", /with sslmode="foo": it must be disable, require/],
    ["sslmode=disable&sslmode=require", /with sslmode="disable,require": it must be /],
    ["sslmode=verify-ca", /with sslmode="verify-ca": it needs the authority's certificate/],
  ])("DATABASE_URL with %s", (query, said) => {
    const line = refusal({ DATABASE_URL: `${external.DATABASE_URL}?${query}`, MINTRO_SECRET_KEY: KEY });
    expect(line.startsWith('DATABASE_URL is "postgres://mintro@db.example/mintro" with '), line).toBe(true);
    expect(line).toMatch(said);
    expect(line).not.toContain("\n");
  });

  test.each([
    ["mysql://shop:hidden@db/mintro", "mysql://shop@db/mintro"],
    ["postgres://mintro:hidden@db", "postgres://mintro@db"],
    ["postgres://mintro@db?password=hidden", "postgres://mintro@db"],
    ["postgres://mintro:hid%den@db/mintro", "… (35 characters)"],
    ["postgres://mintro:very@hidden/de#n@db/mintro", "… (44 characters)"],
    ["postgres://mintro:very/hidden@db/mintro", "… (39 characters)"],
    ["postgres://mintro:very?hidden@db/mintro", "… (39 characters)"],
    ["host=db password=hidden dbname=mintro", "… (37 characters)"],
  ])("DATABASE_URL without its password: %s", (given, shown) => {
    const line = refusal({ DATABASE_URL: given, MINTRO_SECRET_KEY: KEY });
    expect(line.startsWith(`DATABASE_URL is "${shown}": it must be a postgres://`)).toBe(true);
    expect(line).not.toMatch(/hidden|hid%den/);
  });
});

test.each([
  ["disable", false],
  ["require", { rejectUnauthorized: false }],
  ["verify-full", {}],
])(
  "sslmode=%s means to the driver what it means to libpq, and the driver warns of nothing",
  async (mode, ssl) => {
    const warnings: Error[] = [];
    const noted = (warning: Error) => warnings.push(warning);
    process.on("warning", noted);
    try {
      const url = `${external.DATABASE_URL}?sslmode=${mode}`;
      const { databaseUrl } = readConfig({ ...external, DATABASE_URL: url });
      const client = new pg.Client({ connectionString: databaseUrl ?? "" });
      expect(client.ssl).toEqual(ssl);
      await new Promise((resolve) => setImmediate(resolve));
      expect(warnings).toEqual([]);
    } finally {
      process.off("warning", noted);
    }
  },
);

describe("values that do not go together", () => {
  test("a database of one's own needs a secret key", () => {
    expect(refusal({ DATABASE_URL: external.DATABASE_URL })).toMatch(
      /^MINTRO_SECRET_KEY is missing: with DATABASE_URL it must be 32 random bytes in base64/,
    );
  });

  test("a webhook secret needs an address", () => {
    expect(refusal({ MINTRO_WEBHOOK_SECRET: WHSEC })).toMatch(
      /^MINTRO_WEBHOOK_SECRET is given without MINTRO_WEBHOOK_URL/,
    );
  });

  test("a private address for webhooks needs leave to call it", () => {
    const env = { ...external, MINTRO_WEBHOOK_URL: "http://10.1.2.3/hook" };
    expect(refusal(env)).toBe(
      'MINTRO_WEBHOOK_URL is "http://10.1.2.3/hook": 10.1.2.3 is a private address, which is not called unless MINTRO_ALLOW_PRIVATE_WEBHOOKS is on.',
    );
    expect(readConfig({ ...env, MINTRO_ALLOW_PRIVATE_WEBHOOKS: "on" }).webhookUrl).toBe(
      env.MINTRO_WEBHOOK_URL,
    );
  });
});
