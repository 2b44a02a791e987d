import { execFile } from "node:child_process";
import { access, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { isRunning } from "../../src/main/process-table.ts";
import { eventually, type Merchant, pay, subscribe } from "../support/platform.ts";
import { openSink } from "../support/sink.ts";
import {
  afterThisTest,
  databaseOf,
  endOf,
  killGroup,
  type Mintro,
  merchantAt,
  newScratch,
  postgresOf,
  startMintro,
  useSeed,
} from "./mintro.ts";

const seeded = useSeed();

/** Exit 0 with nothing left behind, in time. */
async function expectStopped(mintro: Mintro, askedAt: number): Promise<void> {
  expect(await mintro.exited, mintro.stdout() + mintro.stderr()).toEqual({ code: 0, signal: null });
  expect(performance.now() - askedAt).toBeLessThan(10_000);
  expect(await postgresOf(mintro.dataDir)).toEqual([]);
}

async function paid(merchant: Merchant): Promise<string> {
  const { intent_id, payment_url } = await merchant.createIntent();
  expect((await pay(payment_url)).status).toBe("succeeded");
  return intent_id;
}

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  test("to npm ends everything, and npm start with 0", async () => {
    const mintro = startMintro({ dataDir: await seeded(), via: "npm" });
    await paid(await merchantAt(mintro));
    const askedAt = performance.now();
    mintro.child.kill(signal);
    await expectStopped(mintro, askedAt);
  });

  test("to the whole process group, again and again, is one stop", async () => {
    const mintro = startMintro({ dataDir: await seeded(), via: "npm" });
    const { connection, release } = await holdPayments(mintro);
    const merchant = await merchantAt(mintro);
    const { payment_url } = await merchant.createIntent();
    const answer = pay(payment_url);
    await waitingFor(connection, "payments");
    const askedAt = performance.now();
    for (let times = 0; times < 5; times++) {
      killGroup(mintro.child.pid, signal);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await eventually(() => mintro.stdout().includes("stopping"));
    await release();
    expect((await answer).status).toBe("succeeded");
    await expectStopped(mintro, askedAt);
    expect(mintro.stdout().match(/"stopping/g)).toHaveLength(1);
  });
});

test("SIGTERM to Mintro's own process ends npm start with 0 too", async () => {
  const mintro = startMintro({ dataDir: await seeded(), via: "npm" });
  await mintro.ready();
  const askedAt = performance.now();
  process.kill(await mintro.pid(), "SIGTERM");
  await expectStopped(mintro, askedAt);
});

/** Until released, the sandbox can take no payment: whoever pays waits. */
async function holdPayments(
  mintro: Mintro,
): Promise<{ connection: pg.Client; release: () => Promise<void> }> {
  await mintro.ready();
  const connection = new pg.Client({ connectionString: await databaseOf(mintro) });
  connection.on("error", () => {});
  await connection.connect();
  afterThisTest(() => connection.end().catch(() => {}));
  await connection.query("begin; lock table sandbox.payments in access exclusive mode");
  return { connection, release: () => connection.end() };
}

/** Until some statement waits for a lock on the table. */
async function waitingFor(connection: pg.Client, table: string): Promise<void> {
  await eventually(async () => {
    const { rowCount } = await connection.query(
      "select 1 from pg_locks l join pg_class c on c.oid = l.relation where c.relname = $1 and not l.granted",
      [table],
    );
    return rowCount !== 0;
  });
}

test("what does not end in time is cut off, and found again at the next start", async () => {
  const dataDir = await seeded();
  const mintro = startMintro({ dataDir });
  const { connection } = await holdPayments(mintro);
  const merchant = await merchantAt(mintro);
  const { intent_id, payment_url } = await merchant.createIntent();
  const answer = endOf(pay(payment_url));
  await waitingFor(connection, "payments");
  const askedAt = performance.now();
  mintro.child.kill("SIGTERM");
  await expectStopped(mintro, askedAt);
  expect(await answer).toBe("cut off");

  const again = await merchantAt(startMintro({ dataDir }));
  expect(["processing", "succeeded"]).toContain((await again.intent(intent_id)).status);
  await again.advance({ seconds: 60 });
  expect((await again.intent(intent_id)).status).toBe("succeeded");
});

test("a database that hangs is killed at the last, and the next start has the data", async () => {
  const dataDir = await seeded();
  const mintro = startMintro({ dataDir });
  const merchant = await merchantAt(mintro);
  const intentId = await paid(merchant);
  const [postmaster = 0] = await postgresOf(dataDir);
  const children = await childrenOf(postmaster);
  expect(children.length).toBeGreaterThan(3);
  for (const pid of [...children, postmaster]) process.kill(pid, "SIGSTOP");
  const askedAt = performance.now();
  mintro.child.kill("SIGTERM");
  await expectStopped(mintro, askedAt);
  await eventually(async () => {
    const left = await Promise.all(children.map((pid) => isRunning(pid)));
    return left.every((running) => !running);
  });
  const again = await merchantAt(startMintro({ dataDir }));
  expect((await again.intent(intentId)).status).toBe("succeeded");
});

async function childrenOf(pid: number): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "pid=", "--ppid", String(pid)]);
  return stdout.trim().split(/\s+/).map(Number);
}

test("an advance of the clock under way is answered with where it came to", async () => {
  const sink = await openSink();
  afterThisTest(() => sink.close());
  const mintro = startMintro({
    dataDir: await seeded(),
    env: { MINTRO_WEBHOOK_URL: sink.url, MINTRO_WEBHOOK_SECRET: sink.secret },
  });
  const merchant = await merchantAt(mintro);
  await subscribe({ merchant });
  await eventually(() => sink.received.length === 2);
  const asked = Promise.withResolvers<void>();
  sink.answer(() => {
    asked.resolve();
    return new Promise(() => {});
  });
  const advancing = merchant.post("/test/clock/advance", { seconds: 100 * 86_400 });
  await asked.promise;
  const askedAt = performance.now();
  mintro.child.kill("SIGTERM");
  const reply = await advancing;
  expect(reply.status).toBe(200);
  expect(reply.body.data.done).toBe(false);
  await expectStopped(mintro, askedAt);
});

describe("a signal before it is ready", () => {
  /** What is there once the start has come this far. */
  const points = {
    "when the data folder is made": (dataDir: string) => access(dataDir).then(() => true),
    "while the database is made": async (dataDir: string) =>
      (await readdir(dataDir)).some((name) => name.startsWith("postgres.new-")),
    "when the database starts": (dataDir: string) =>
      access(join(dataDir, "postgres/postmaster.pid")).then(() => true),
    "when the credentials are made": (dataDir: string) =>
      access(join(dataDir, "secret-key")).then(() => true),
  };

  test.each(Object.entries(points))(
    "%s: all is ended, and the next start is a whole one",
    async (_, reached) => {
      const dataDir = join(await newScratch(), "data");
      const mintro = startMintro({ dataDir });
      await eventually(() => reached(dataDir).catch(() => false));
      const askedAt = performance.now();
      mintro.child.kill("SIGINT");
      await expectStopped(mintro, askedAt);
      expect(mintro.stdout()).not.toContain("is ready");
      await paid(await merchantAt(startMintro({ dataDir })));
    },
  );

  test("through npm ends npm start with 0", async () => {
    const dataDir = join(await newScratch(), "data");
    const mintro = startMintro({ dataDir, via: "npm" });
    await eventually(() => postgresOf(dataDir).then((found) => found.length > 0));
    const askedAt = performance.now();
    killGroup(mintro.child.pid, "SIGINT");
    await expectStopped(mintro, askedAt);
  });
});

describe("a signal in the first moments, while the code is being read", () => {
  /** Given to Node before all else: it sends the signal as the last of Mintro's modules is run, and nobody can hear it yet. */
  const sendDuring = (signal: NodeJS.Signals) => `
    import { registerHooks } from "node:module";
    registerHooks({
      load(url, context, nextLoad) {
        const read = nextLoad(url, context);
        if (!url.endsWith("/server/src/main/start.ts")) return read;
        return { ...read, source: read.source + "\\nprocess.kill(process.pid, '${signal}');" };
      },
    });`;

  test.each(["SIGINT", "SIGTERM"] as const)("%s at the very last of them starts nothing", async (signal) => {
    const folder = await newScratch();
    const preload = join(folder, "preload.mjs");
    await writeFile(preload, sendDuring(signal));
    const dataDir = join(folder, "data");
    const env = { NODE_OPTIONS: `--import=${pathToFileURL(preload).href}` };
    const askedAt = performance.now();
    const mintro = startMintro({ dataDir, env });
    await expectStopped(mintro, askedAt);
    expect([mintro.stdout(), mintro.stderr()]).toEqual(["Mintro has stopped.\n", ""]);
    await expect(access(dataDir)).rejects.toThrow("ENOENT");
  });

  const moments = [100, 200, 300, 400, 500, 600, 700, 800, 1_000, 1_200];

  test.each(["SIGINT", "SIGTERM"] as const)("%s is never lost, whenever it comes", async (signal) => {
    for (const moment of moments) {
      const mintro = startMintro({ dataDir: await seeded() });
      await sleep(moment);
      const askedAt = performance.now();
      killGroup(mintro.child.pid, signal);
      const { code, signal: endedBy } = await mintro.exited;
      const found = { moment, code, endedBy, after: performance.now() - askedAt };
      // Before Node has come to the first line, the signal itself ends it.
      expect(endedBy === null ? code : endedBy, JSON.stringify(found)).toBe(endedBy === null ? 0 : signal);
      expect(found.after, JSON.stringify(found)).toBeLessThan(10_000);
      expect(mintro.stderr()).toBe("");
      expect(await postgresOf(mintro.dataDir)).toEqual([]);
    }
  });
});
