/** Where tests put files that nobody needs afterwards: in memory where there is room, else on disk. */
import { mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";
const ENOUGH_BYTES = 2 ** 30;

/** Shared memory is small in many containers (64 MB), and one test database takes 8. */
export async function scratchParent(): Promise<string> {
  const free = await statfs(MEMORY).then(
    (found) => found.bavail * found.bsize,
    () => 0,
  );
  if (free < ENOUGH_BYTES) return tmpdir();
  const trial = await mkdtemp(join(MEMORY, "mintro-trial-")).catch(() => undefined);
  if (trial === undefined) return tmpdir();
  await rm(trial, { recursive: true });
  return MEMORY;
}
