/** Hands files to the user that PostgreSQL runs as, where that is not the user running the platform. */
import { lchown, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Changes the owner of a folder and of all in it; symbolic links themselves, not what they point to. */
export async function chownTree(
  path: string,
  owner: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const entries = await readdir(path, { recursive: true });
  for (const entry of entries) await lchown(join(path, entry), owner.uid, owner.gid);
  await lchown(path, owner.uid, owner.gid);
}
