/**
 * The data folder belongs to one running platform at a time. The kernel's file lock (flock) says who has it: it ends
 * with the process that holds it, however that ends, so a lock can never be left behind and two that start at
 * the same moment cannot both get it. The file's text, process id and start time, is for messages.
 */
import { spawn } from "node:child_process";
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { access, constants, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CannotStart, systemErrorCode } from "./cannot-start.ts";
import { makeFolder } from "./make-folder.ts";
import { isRunning, processState } from "./process-table.ts";

/** Another platform runs on this data folder. */
export class DataFolderInUse extends CannotStart {
  override readonly name = "DataFolderInUse";

  constructor(folder: string, pid: number | undefined) {
    const holder = pid === undefined ? "another Mintro" : `another Mintro (process ${pid})`;
    super(
      `The data folder ${folder} is in use by ${holder}: stop that one, or set MINTRO_DATA_DIR to another folder.`,
    );
  }
}

export interface HeldFolder {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** Lets the next one in. Doing it twice changes nothing. */
  release(): void;
}

/**
 * Makes the folder (mode 0700) where there is none, and takes it for this process until `release` or its end.
 * Throws `DataFolderInUse` where another has it, `CannotStart` where the folder cannot be made or written.
 */
export async function holdDataFolder(dataDir: string): Promise<HeldFolder> {
  const path = await openFolder(dataDir);
  const lockFile = join(path, "lock");
  const fd = openLockFile(lockFile);
  try {
    await takeLock(path, lockFile, fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let held = true;
  return {
    path,
    release() {
      if (!held) return;
      held = false;
      ftruncateSync(fd);
      closeSync(fd);
    },
  };
}

async function openFolder(dataDir: string): Promise<string> {
  try {
    await makeFolder(dataDir);
    const path = await realpath(dataDir);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return path;
  } catch (error) {
    throw unusable(`The data folder ${dataDir}`, error);
  }
}

function openLockFile(lockFile: string): number {
  try {
    return openSync(lockFile, "a+", 0o600);
  } catch (error) {
    throw unusable(`The file ${lockFile}`, error);
  }
}

function unusable(what: string, error: unknown): CannotStart {
  const code = systemErrorCode(error);
  const found =
    code === "EEXIST" || code === "ENOTDIR" // what mkdir says where a file stands in the way
      ? "is not a folder"
      : code === "EACCES" || code === "EPERM" || code === "EROFS"
        ? `cannot be written by this user (${code})`
        : code === "ENOENT"
          ? "cannot be made there"
          : `cannot be used (${error instanceof Error ? error.message : String(error)})`;
  return new CannotStart(
    `${what} ${found}: set MINTRO_DATA_DIR to a folder that this user may write, or DATABASE_URL to a PostgreSQL.`,
    { cause: error },
  );
}

async function takeLock(folder: string, lockFile: string, fd: number): Promise<void> {
  const outcome = await flock(fd);
  if (outcome === "taken") throw new DataFolderInUse(folder, (await readHolder(lockFile))?.pid);
  if (outcome === "unavailable") {
    const holder = await readHolder(lockFile);
    if (holder && (await isRunning(holder.pid, holder.startTicks))) {
      throw new DataFolderInUse(folder, holder.pid);
    }
  }
  const mine = `${process.pid} ${(await processState(process.pid))?.startTicks ?? ""}\n`;
  ftruncateSync(fd);
  writeSync(fd, mine);
  if (outcome === "unavailable") await settleWithoutFlock(folder, lockFile, mine);
}

/**
 * Without flock the file's text decides. Of several that start at once, each overwrote the one before it: after a
 * moment only the last still reads its own text. Should that fail too, PostgreSQL's own lock is behind it.
 */
async function settleWithoutFlock(folder: string, lockFile: string, mine: string): Promise<void> {
  await sleep(100);
  if ((await readFile(lockFile, "utf8")).endsWith(mine)) return;
  throw new DataFolderInUse(folder, (await readHolder(lockFile))?.pid);
}

const LOCK_IS_TAKEN = 75;

/**
 * Node has no flock of its own. The lock belongs to the open file, not to the process that asked for it, so the
 * small tool from util-linux may take it on a descriptor that it inherits, and this process keeps it (flock(2)).
 */
function flock(fd: number): Promise<"got" | "taken" | "unavailable"> {
  return new Promise((resolve) => {
    const tool = spawn("flock", ["-n", "-E", String(LOCK_IS_TAKEN), "3"], {
      stdio: ["ignore", "ignore", "ignore", fd],
    });
    tool.once("error", () => resolve("unavailable"));
    tool.once("exit", (code) => {
      resolve(code === 0 ? "got" : code === LOCK_IS_TAKEN ? "taken" : "unavailable");
    });
  });
}

type Holder = { readonly pid: number; readonly startTicks: string };

async function readHolder(lockFile: string): Promise<Holder | undefined> {
  // The holder writes its id a moment after it has the lock.
  for (let attempt = 0; attempt < 5; attempt++) {
    const text = await readFile(lockFile, "utf8").catch(() => "");
    const [, pid, startTicks = ""] = /(\d+) (\d*)\n$/.exec(text) ?? [];
    if (pid) return { pid: Number(pid), startTicks };
    await sleep(20);
  }
  return undefined;
}
