import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { describe, expect, test } from "vitest";
import { endOwner, newFolder, pathWithout, query, start, startOwner } from "../../test/support/embedded.ts";
import { CannotStart } from "./cannot-start.ts";
import { DataFolderInUse } from "./data-folder.ts";
import { runningEmbeddedPostgres } from "./embedded-postgres.ts";
import { isRunning } from "./process-table.ts";

describe("data", () => {
  test("survives a restart, in a folder whose path has blanks and quotes, closed to other users", async () => {
    const dataDir = await newFolder("the owner's folder/of $data");
    const first = await start(dataDir);
    await query(first.url, "create table kept as select 'zurück' as word");
    await first.stop();
    const second = await start(dataDir);
    expect(await query(second.url, "select word from kept")).toEqual(["zurück"]);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, "postgres-password"))).mode & 0o777).toBe(0o600);
    expect((await readdir(dataDir)).sort()).toEqual(["lock", "postgres", "postgres-password"]);
  });

  test("of two folders is served side by side, and each is found by its folder", async () => {
    const [one, other] = [await newFolder(), await newFolder()];
    const [first, second] = await Promise.all([start(one), start(other)]);
    expect(first.port).not.toBe(second.port);
    expect(await runningEmbeddedPostgres(one)).toEqual({ url: first.url, pid: first.pid });
    await first.stop();
    expect(await runningEmbeddedPostgres(one)).toBeUndefined();
    expect(await query(second.url, "show timezone")).toEqual(["UTC"]);
  });

  test("of a half-made database is thrown away and made anew", async () => {
    const dataDir = await newFolder();
    await mkdir(join(dataDir, "postgres.new-cut", "cluster"), { recursive: true });
    await start(dataDir);
    expect(await readdir(dataDir)).not.toContain("postgres.new-cut");
  });
});

describe("the server", () => {
  test("lets nobody in without the password, and listens on the loopback address alone", async () => {
    const { url } = await start(await newFolder());
    const wrong = url.replace(/:[^:@]+@/, ":wrong@");
    await expect(query(wrong, "select 1")).rejects.toMatchObject({ code: "28P01" });
    expect(await query(url, "show listen_addresses")).toEqual(["127.0.0.1"]);
    expect(await query(url, "show unix_socket_directories")).toEqual([""]);
  });

  test("tells its owner when it dies, and starts again on what it had written", async () => {
    const dataDir = await newFolder();
    const first = await start(dataDir);
    await query(first.url, "create table kept as select 1 as one");
    process.kill(first.pid, "SIGKILL");
    expect(await first.exited).toEqual({ code: null, signal: "SIGKILL" });
    await first.stop();
    const second = await start(dataDir);
    expect(await query(second.url, "select one from kept")).toEqual([1]);
  });

  test("stops while somebody is connected, and stopping twice changes nothing", async () => {
    const database = await start(await newFolder());
    const sleeper = query(database.url, "select pg_sleep(60)").catch((error: unknown) => error);
    await sleep(100);
    await Promise.all([database.stop(), database.stop()]);
    expect(await isRunning(database.pid)).toBe(false);
    expect(await sleeper).toBeInstanceOf(Error);
    await database.stop();
  });

  test("that cannot start says why in one line, and frees the folder", async () => {
    const dataDir = await newFolder();
    const failure = await start(dataDir, { shared_buffers: "lots" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CannotStart);
    expect(String(failure)).toMatch(/shared_buffers.*lots/);
    expect(String(failure)).not.toContain("\n");
    await start(dataDir);
  });
});

describe("a second platform on the same folder", () => {
  test("is refused with one line that says who has it and what to do", async () => {
    const dataDir = await newFolder();
    const owner = await startOwner(dataDir);
    const failure = await start(dataDir).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataFolderInUse);
    expect(String(failure)).toContain(
      `${dataDir} is in use by another Mintro (process ${owner.process.pid}): stop that one, or set MINTRO_DATA_DIR to another folder.`,
    );
    expect(await query(owner.url, "select 1")).toEqual([1]);
  });

  test("that starts at the same moment loses, also when the folder is new", async () => {
    const dataDir = await newFolder();
    const outcomes = await Promise.allSettled([start(dataDir), start(dataDir), start(dataDir)]);
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refused.map(({ reason }) => reason)).toEqual([
      expect.any(DataFolderInUse),
      expect.any(DataFolderInUse),
    ]);
  });
});

describe("after kill -9", () => {
  test("of the platform its PostgreSQL is gone, and a new start has the data", async () => {
    const dataDir = await newFolder();
    const owner = await startOwner(dataDir);
    await query(owner.url, "create table kept as select 1 as one");
    await endOwner(owner, "SIGKILL");
    const next = await start(dataDir);
    expect(await isRunning(owner.pid)).toBe(false);
    expect(await query(next.url, "select one from kept")).toEqual([1]);
  });

  test("of a platform that could not tie its PostgreSQL to itself, the next start ends that first", async () => {
    const dataDir = await newFolder();
    const owner = await startOwner(dataDir, [], { ...process.env, PATH: await pathWithout("setpriv") });
    await endOwner(owner, "SIGKILL");
    await sleep(200);
    expect(await isRunning(owner.pid)).toBe(true);
    const next = await start(dataDir);
    expect(await isRunning(owner.pid)).toBe(false);
    expect(await query(next.url, "select 1")).toEqual([1]);
  });

  test("of PostgreSQL's main process and its owner, a query that still runs is ended first", async () => {
    const dataDir = await newFolder();
    const owner = await startOwner(dataDir);
    const [backend] = await query(owner.url, "select 1").then(() => busyBackend(owner.url));
    process.kill(owner.pid, "SIGKILL");
    await endOwner(owner, "SIGKILL");
    expect(await isRunning(Number(backend))).toBe(true);
    await start(dataDir);
    expect(await isRunning(Number(backend))).toBe(false);
  });

  test("of both, a process that has got PostgreSQL's id since does not stand in the way", async () => {
    const dataDir = await newFolder();
    const first = await start(dataDir);
    await first.stop();
    const noted = [process.pid, join(dataDir, "postgres"), 1700000000, 5432, "", "127.0.0.1", "1 1", "ready"];
    await writeFile(join(dataDir, "postgres", "postmaster.pid"), `${noted.join("\n")}\n`, { mode: 0o600 });
    expect(await runningEmbeddedPostgres(dataDir)).toBeUndefined();
    await start(dataDir);
  });
});

describe("one line says what to mend", () => {
  test("when the data folder is a file", async () => {
    const path = await newFolder();
    await writeFile(path, "");
    await expect(start(path)).rejects.toThrow(/is not a folder: set MINTRO_DATA_DIR/);
  });

  test("when the database is of another major version", async () => {
    const dataDir = await newFolder();
    await mkdir(join(dataDir, "postgres"), { recursive: true });
    await writeFile(join(dataDir, "postgres", "PG_VERSION"), "17\n");
    await expect(start(dataDir)).rejects.toThrow(/made by PostgreSQL 17, this is 18/);
  });

  test("when the password is lost", async () => {
    const dataDir = await newFolder();
    await (await start(dataDir)).stop();
    await writeFile(join(dataDir, "postgres-password"), `${"x".repeat(32)}\n`);
    await expect(start(dataDir)).rejects.toThrow(/is not this database's: restore the file/);
    await rm(join(dataDir, "postgres-password"));
    await expect(start(dataDir)).rejects.toThrow(/postgres-password is missing/);
  });
});

/** Starts a query that computes without end, and so does not notice that its main process is gone. */
async function busyBackend(url: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  client.query("select count(*) from generate_series(1, 1e12::bigint) a").catch(() => {});
  await sleep(100);
  return rows.map((row) => row.pid);
}
