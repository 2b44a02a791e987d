import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { createTestDatabase } from "../support/database.ts";
import type {} from "../support/global-setup.ts"; // declares what is injected
import {
  afterThisTest,
  asNobody,
  newScratch,
  nobodyMayRead,
  postgresOf,
  startMintro,
  useSeed,
} from "./mintro.ts";

const isRoot = process.geteuid?.() === 0;
const seeded = useSeed();
const KEY = Buffer.alloc(32, 7).toString("base64");

/** Exit code 1 and nothing but one line, which is given back. */
async function refusalOf(
  env: Record<string, string>,
  dataDir?: string,
  prefix: readonly string[] = [],
): Promise<string> {
  const mintro = startMintro({ dataDir: dataDir ?? join(await newScratch(), "data"), env, prefix });
  expect((await mintro.exited).code, mintro.stdout() + mintro.stderr()).toBe(1);
  expect(mintro.stdout()).toBe("");
  expect(mintro.stderr().endsWith("\n")).toBe(true);
  expect(mintro.stderr().trimEnd().split("\n")).toHaveLength(1);
  expect(await postgresOf(mintro.dataDir)).toEqual([]);
  return mintro.stderr().trimEnd();
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterThisTest(async () => {
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

describe("one line says why it does not start", () => {
  test("for a variable: its name, what was given, what is allowed", async () => {
    expect(await refusalOf({ PORT: "80000" })).toBe(
      'PORT is "80000": it must be a whole number from 0 (any free port) to 65535.',
    );
    const secret = "short and\nin two lines";
    const line = await refusalOf({ MINTRO_CLIENT_SECRET: secret });
    expect(line).toMatch(/^MINTRO_CLIENT_SECRET is .*22 characters.*: it must be 32 to 1024 visible/);
    expect(line).not.toContain("short");
  });

  test("for a port that is taken, and stops the database again", async () => {
    const port = await listen(createServer());
    expect(await refusalOf({ PORT: String(port) }, await seeded())).toBe(
      `PORT is ${port}: something else listens there already (on 127.0.0.1): stop that, or set PORT to a free port.`,
    );
  });

  test("for an address that this machine does not have", async () => {
    expect(await refusalOf({ HOST: "192.0.2.1" }, await seeded())).toMatch(
      /^HOST is "192\.0\.2\.1": this machine has no such address/,
    );
  });

  test("for a data folder that another Mintro uses, which goes on undisturbed", async () => {
    const dataDir = await seeded();
    const first = startMintro({ dataDir });
    const { url } = await first.ready();
    const second = startMintro({ dataDir });
    expect((await second.exited).code).toBe(1);
    expect(second.stderr()).toBe(
      `The data folder ${dataDir} is in use by another Mintro (process ${first.child.pid}): stop that one, or set MINTRO_DATA_DIR to another folder.\n`,
    );
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await postgresOf(dataDir)).toHaveLength(1);
  });

  test("for a data folder that cannot be one, or cannot be written", async () => {
    const folder = await newScratch();
    await writeFile(join(folder, "file"), "");
    const allowed =
      "set MINTRO_DATA_DIR to a folder that this user may write, or DATABASE_URL to a PostgreSQL.";
    expect(await refusalOf({}, join(folder, "file"))).toBe(
      `The data folder ${join(folder, "file")} is not a folder: ${allowed}`,
    );
    // Nobody may make a folder there, not even root.
    expect(await refusalOf({}, "/sys/mintro")).toMatch(
      /^The data folder \/sys\/mintro cannot be written by this user \(E[A-Z]+\): set MINTRO_DATA_DIR/,
    );
  });

  test("for a data folder where none can be made", async () => {
    expect(await refusalOf({}, "/proc/mintro/data")).toMatch(
      /^The data folder \/proc\/mintro\/data cannot be .*: set MINTRO_DATA_DIR to a folder/,
    );
  });

  test("for a data folder that is another user's", async (context) => {
    const dataDir = await newScratch();
    if (!isRoot) await chmod(dataDir, 0o500);
    else if (await nobodyMayRead()) await chmod(dataDir, 0o755);
    else context.skip("the project lies where no other user may read");
    expect(await refusalOf({}, dataDir, isRoot ? asNobody : [])).toBe(
      `The data folder ${dataDir} cannot be written by this user (EACCES): set MINTRO_DATA_DIR to a folder that this user may write, or DATABASE_URL to a PostgreSQL.`,
    );
    await chmod(dataDir, 0o700);
  });
});

describe("one line says what is wrong with the database", () => {
  const external = (url: string) => ({ DATABASE_URL: url, MINTRO_SECRET_KEY: KEY });
  /** The tests' own server, with another part of its address. */
  const address = (change: (url: URL) => void) => {
    const url = new URL(inject("testDatabases").adminUrl);
    change(url);
    return url;
  };

  test("where the secret key is missing", async () => {
    expect(await refusalOf({ DATABASE_URL: "postgres://mintro:hidden@127.0.0.1:1/mintro" })).toBe(
      "MINTRO_SECRET_KEY is missing: with DATABASE_URL it must be 32 random bytes in base64, as from: openssl rand -base64 32.",
    );
  });

  test("where nobody listens", async () => {
    expect(await refusalOf(external("postgres://mintro:hidden@127.0.0.1:1/mintro"))).toMatch(
      /^DATABASE_URL is "postgres:\/\/mintro@127\.0\.0\.1:1\/mintro": nothing answers at that address \(.*ECONNREFUSED.*\): start/,
    );
  });

  test("where the password is wrong, or the database is missing", async () => {
    const wrong = address((url) => (url.password = "hidden"));
    const line = await refusalOf(external(wrong.href));
    expect(line).toMatch(
      /^DATABASE_URL is .*: the database does not let this user in \(.*\): correct user and password/,
    );
    expect(line).not.toContain("hidden");
    const missing = address((url) => (url.pathname = "/nowhere"));
    expect(await refusalOf(external(missing.href))).toMatch(
      /^DATABASE_URL is .*\/nowhere": there is no such database \(.*"nowhere".*\): create it, or correct the name/,
    );
  });

  test("where it is too old", async () => {
    const port = await listen(createServer((socket) => answerAsPostgres14(socket)));
    expect(await refusalOf(external(`postgres://mintro@127.0.0.1:${port}/mintro`))).toBe(
      `DATABASE_URL is "postgres://mintro@127.0.0.1:${port}/mintro": PostgreSQL 14.13 is too old: Mintro needs 15 or newer.`,
    );
  });

  test("where its secrets were encrypted with another key", async () => {
    const database = await createTestDatabase();
    afterThisTest(() => database.drop());
    const env = { ...external(database.url), MINTRO_WEBHOOK_URL: "https://shop.example/hook" };
    const dataDir = join(await newScratch(), "data");
    const first = startMintro({ dataDir, env });
    await first.ready();
    first.child.kill("SIGTERM");
    expect((await first.exited).code).toBe(0);
    const other = Buffer.alloc(32, 8).toString("base64");
    const line = await refusalOf({ ...env, MINTRO_SECRET_KEY: other, MINTRO_WEBHOOK_URL: "" }, dataDir);
    expect(line).toMatch(
      /^MINTRO_SECRET_KEY .* is not the key that this database's secrets were encrypted with/,
    );
    expect(line).not.toContain(other);
  });
});

/** As much of PostgreSQL's protocol (version 3) as it takes to say one's version. */
function answerAsPostgres14(socket: Socket): void {
  const message = (type: string, ...parts: readonly Buffer[]) => {
    const body = Buffer.concat(parts);
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), length, body]);
  };
  const int = (value: number, bytes: 2 | 4) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, 0, bytes);
    return buffer;
  };
  const ready = message("Z", Buffer.from("I"));
  const column = (name: string, type: number) =>
    Buffer.concat([
      Buffer.from(`${name}\0`),
      int(0, 4),
      int(0, 2),
      int(type, 4),
      int(-1, 2),
      int(-1, 4),
      int(0, 2),
    ]);
  const value = (text: string) => Buffer.concat([int(text.length, 4), Buffer.from(text)]);
  let isGreeted = false;
  socket.on("error", () => {});
  socket.on("data", (data) => {
    if (!isGreeted) socket.write(Buffer.concat([message("R", int(0, 4)), ready]));
    else if (data[0] === "Q".charCodeAt(0))
      socket.write(
        Buffer.concat([
          message("T", int(2, 2), column("version", 25), column("number", 23)),
          message("D", int(2, 2), value("14.13"), value("140013")),
          message("C", Buffer.from("SELECT 1\0")),
          ready,
        ]),
      );
    isGreeted = true;
  });
}

/** A Node that is too old, where this machine has one besides that of the tests. */
function olderNode(): string | undefined {
  for (const folder of ["/usr/bin", "/usr/local/bin", "/opt/node/bin"]) {
    const node = join(folder, "node");
    if (!existsSync(node)) continue;
    const version = execFileSync(node, ["-p", "process.versions.node"]).toString().trim();
    if (Number(version.split(".")[0]) < 24) return node;
  }
  return undefined;
}

test("an older Node says in one line that it is too old, and touches nothing", async (context) => {
  const node = olderNode();
  if (node === undefined) return context.skip("there is no older Node on this machine");
  const dataDir = join(await newScratch(), "data");
  const mintro = startMintro({ dataDir, node });
  expect((await mintro.exited).code).toBe(1);
  expect(mintro.stdout()).toBe("");
  expect(mintro.stderr()).toMatch(
    /^Mintro needs Node 24\.15 or newer, and this is [\d.]+\. .*npm start.*\n$/,
  );
  expect(existsSync(dataDir)).toBe(false);
});
