/** Node's own recursive mkdir never comes back from a place where no folder can be made, such as /proc. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { systemErrorCode } from "./cannot-start.ts";

/** Makes the folder and those above it (mode 0700) where they are missing. Throws the system's error. */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  try {
    await make(path);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make(path); // and where it says ENOENT again, with all above it there, it can never be made
  }
}

async function make(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it a moment ago.
    if (systemErrorCode(error) !== "EEXIST" || !(await isFolder(path))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
