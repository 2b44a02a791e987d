/** What is generated once and kept in the data folder, readable by its owner alone: credentials and the secret key. */
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CannotStart, systemErrorCode } from "./cannot-start.ts";

/** The file's text; where there is none, what `make` gives, written first. `made` tells which. */
export async function keepFile(
  dataDir: string,
  name: string,
  make: () => string,
): Promise<{ text: string; made: boolean }> {
  const kept = await readKept(dataDir, name);
  if (kept !== null) return { text: kept, made: false };
  const text = make();
  await writeKept(dataDir, name, text);
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

/** Whole or not at all: written beside and renamed, mode 0600 from the start. */
export async function writeKept(dataDir: string, name: string, text: string): Promise<void> {
  const path = join(dataDir, name);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const beside = `${path}.${process.pid}.new`;
    await writeFile(beside, `${text}\n`, { mode: 0o600 });
    await chmod(beside, 0o600);
    await rename(beside, path);
  } catch (error) {
    throw cannot("write", path, error);
  }
}

function cannot(what: string, path: string, error: unknown): CannotStart {
  return new CannotStart(
    `Cannot ${what} ${path} (${systemErrorCode(error) ?? "unknown error"}): check the folder's owner, or set MINTRO_DATA_DIR.`,
    {
      cause: error,
    },
  );
}
