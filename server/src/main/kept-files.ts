/** What is generated once and kept in the data folder, readable by its owner alone: credentials and the secret key. */
import { link, mkdtemp, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CannotStart, systemErrorCode } from "./cannot-start.ts";
import { makeFolder } from "./make-folder.ts";

/**
 * The file's text; where there is none, what `make` gives, written first. `made` tells which. Of several processes that
 * start at once on one folder, one writes and the others read that.
 */
export async function keepFile(
  dataDir: string,
  name: string,
  make: () => string,
): Promise<{ text: string; made: boolean }> {
  const kept = await readKept(dataDir, name);
  if (kept !== null) return { text: kept, made: false };
  const text = make();
  const isFirst = await write(dataDir, name, text, "first");
  const other = isFirst ? null : await readKept(dataDir, name);
  if (other !== null) return { text: other, made: false };
  if (!isFirst) await writeKept(dataDir, name, text); // an empty file stood in the way
  return { text, made: true };
}

/** Null where there is no such file. */
export async function readKept(dataDir: string, name: string): Promise<string | null> {
  const path = join(dataDir, name);
  try {
    return (await readFile(path, "utf8")).trim() || null;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return null;
    throw cannot("read", path, error);
  }
}

/** Replaces what was there. */
export async function writeKept(dataDir: string, name: string, text: string): Promise<void> {
  await write(dataDir, name, text, "replace");
}

/**
 * Whole or not at all: written aside, brought to disk and moved there, mode 0600 from the start. False: another's file
 * is there already, and `first` leaves it.
 */
async function write(
  dataDir: string,
  name: string,
  text: string,
  how: "first" | "replace",
): Promise<boolean> {
  const path = join(dataDir, name);
  let aside: string | undefined;
  try {
    await makeFolder(dataDir);
    // A folder of its own: in containers that share this one, even the process ids are the same.
    aside = await mkdtemp(join(dataDir, `.${name}-`));
    const whole = join(aside, name);
    await writeDown(whole, `${text}\n`);
    const written = how === "replace" ? await rename(whole, path).then(() => true) : await place(whole, path);
    await flush(dataDir);
    return written;
  } catch (error) {
    throw cannot("write", path, error);
  } finally {
    if (aside !== undefined) await rm(aside, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function writeDown(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A second name for the file, given only where that name is free; some file systems have no second names. */
async function place(whole: string, path: string): Promise<boolean> {
  try {
    await link(whole, path);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "ENOSYS" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw error;
    await rename(whole, path);
    return true;
  }
}

/** A new name survives a power cut only once its folder is on disk: a lost key would lose what it encrypted. */
async function flush(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function cannot(what: string, path: string, error: unknown): CannotStart {
  return new CannotStart(
    `Cannot ${what} ${path} (${systemErrorCode(error) ?? "unknown error"}): let this user ${what} it, or set MINTRO_DATA_DIR to a folder of this user's.`,
    { cause: error },
  );
}
