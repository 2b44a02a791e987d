import { execFile, spawn } from "node:child_process";
import { chmod, chown, cp, mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import {
  endOwner,
  LAUNCHER,
  newFolder,
  pathWithout,
  query,
  start,
  startOwner,
} from "../../test/support/embedded.ts";
import { findPostgres, nativeFolder } from "./embedded-binaries.ts";
import { isRunning } from "./process-table.ts";

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65534;

describe.runIf(isRoot)("started by root", () => {
  test("the files stay root's where user namespaces are allowed", async (context) => {
    if (!(await succeeds(["unshare", "--user", "--map-user=65534", "true"])))
      context.skip("they are forbidden here");
    const dataDir = await newFolder();
    await start(dataDir);
    expect((await stat(join(dataDir, "postgres"))).uid).toBe(0);
  });

  test("it runs as nobody where user namespaces are forbidden, also below a folder only root may enter", async () => {
    const dataDir = await newFolder();
    const env = { ...process.env, PATH: await pathWithout("unshare") };
    const owner = await startOwner(dataDir, [], env);
    expect(await query(owner.url, "select 1")).toEqual([1]);
    expect((await stat(join(dataDir, "postgres"))).uid).toBe(NOBODY);
    await endOwner(owner, "SIGKILL");
    await waitUntil(async () => !(await isRunning(owner.pid)));
    // The folder keeps its owner from then on, whatever the next start would have preferred.
    const next = await start(dataDir);
    expect(await readFile(`/proc/${next.pid}/status`, "utf8")).toMatch(/^Uid:\s+65534\s/m);
  });

  test("programs in a folder that only root may enter are copied for another user's database", async () => {
    const dataDir = await newFolder("nobody's");
    const closed = join(dataDir, "../closed");
    await cp(nativeFolder(), join(closed, "native"), { recursive: true, verbatimSymlinks: true });
    await cp(join(nativeFolder(), "../package.json"), join(closed, "package.json"));
    await chmod(closed, 0o700);
    await mkdir(dataDir, { mode: 0o700 });
    await chown(dataDir, NOBODY, NOBODY);
    await chmod(join(dataDir, ".."), 0o711);
    const found = await findPostgres(join(closed, "native"), dataDir, { uid: NOBODY, gid: NOBODY });
    expect(found.command("postgres", []).args.join(" ")).toContain(join(dataDir, "binaries"));
    // Where nobody's copy could not be entered either, that is what is said.
    await chmod(join(dataDir, ".."), 0o700);
    await expect(findPostgres(join(closed, "native"), dataDir, { uid: NOBODY, gid: NOBODY })).rejects.toThrow(
      `(user ${NOBODY} may not enter the folders of ${join(closed, "native")}): set DATABASE_URL`,
    );
  });

  test("another user's database is served as that user, who can start it again", async (context) => {
    const dataDir = await newFolder("nobody's");
    await mkdir(dataDir, { mode: 0o700 });
    await chown(dataDir, NOBODY, NOBODY);
    await chmod(join(dataDir, ".."), 0o711);
    const asNobody = ["setpriv", "--reuid", `${NOBODY}`, "--regid", `${NOBODY}`, "--clear-groups", "--"];
    if (!(await succeeds([...asNobody, process.execPath, fileURLToPath(LAUNCHER)])))
      context.skip("the source lies where no other user may read");
    const owner = await startOwner(dataDir, asNobody);
    await query(owner.url, "create table kept as select 1 as one");
    await endOwner(owner, "SIGTERM");
    const byRoot = await start(dataDir);
    expect(await query(byRoot.url, "select one from kept")).toEqual([1]);
    await byRoot.stop();
    const again = await startOwner(dataDir, asNobody);
    expect(await query(again.url, "select one from kept")).toEqual([1]);
  });
});

describe.runIf(isRoot)("started by a user without a name, as containers have them", () => {
  const NAMELESS = 54_321;
  const asNameless = ["setpriv", "--reuid", `${NAMELESS}`, "--regid", `${NAMELESS}`, "--clear-groups", "--"];

  async function folderOfNameless(): Promise<string> {
    const dataDir = await newFolder();
    await mkdir(dataDir, { mode: 0o700 });
    await chown(dataDir, NAMELESS, NAMELESS);
    await chmod(join(dataDir, ".."), 0o711);
    return dataDir;
  }

  test("it runs, and the files are that user's", async (context) => {
    if (!(await succeeds([...asNameless, process.execPath, fileURLToPath(LAUNCHER)])))
      context.skip("the source lies where no other user may read");
    if (!(await succeeds([...asNameless, "unshare", "--user", "--map-user=65534", "true"])))
      context.skip("user namespaces are forbidden here");
    const dataDir = await folderOfNameless();
    const owner = await startOwner(dataDir, asNameless);
    expect(await query(owner.url, "select 1")).toEqual([1]);
    expect((await stat(join(dataDir, "postgres"))).uid).toBe(NAMELESS);
    await endOwner(owner, "SIGTERM");
  });

  test("it says what to do where user namespaces are forbidden", async (context) => {
    if (!(await succeeds([...asNameless, process.execPath, fileURLToPath(LAUNCHER)])))
      context.skip("the source lies where no other user may read");
    const dataDir = await folderOfNameless();
    const path = await pathWithout("unshare");
    await chmod(path.split(":")[0] ?? "", 0o755);
    const said = await failureOf(
      [...asNameless, process.execPath, "--input-type=module", "-e", START, dataDir],
      path,
    );
    expect(said).toBe(
      "User 54321 has no name here, and PostgreSQL makes no database without: start Mintro as a user of /etc/passwd, or set DATABASE_URL to a PostgreSQL.",
    );
  });

  const START = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(LAUNCHER.href)});
    await startEmbeddedPostgres({ dataDir: process.argv[1], durable: false }).catch(({ message }) => console.log(message));`;
});

async function failureOf([file = "", ...args]: readonly string[], path: string): Promise<string> {
  const env = { ...process.env, PATH: path };
  const { stdout } = await promisify(execFile)(file, args, { env });
  return stdout.trim();
}

async function waitUntil(what: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await what()) return;
    await sleep(25);
  }
  throw new Error("It did not come to pass within five seconds.");
}

async function succeeds([file = "", ...args]: readonly string[]): Promise<boolean> {
  const child = spawn(file, args, { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
