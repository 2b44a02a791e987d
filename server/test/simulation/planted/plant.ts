/** Plants a fault in a copy of the server's sources and runs the simulation there. The sources themselves stay as they are. */
import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scratchParent } from "../../support/scratch.ts";
import type { Edit, PlantedFault } from "./faults.ts";

const SERVER = fileURLToPath(new URL("../../../", import.meta.url));
const ROOT = join(SERVER, "..");
/** What the simulation needs of server/. */
const COPIED = ["package.json", "src", "migrations", "test/simulation", "test/support"];

/** Deaths come more often than by default, since few days have to do. */
const KILL_EVERY = 400;

/** Throws where the text does not stand in the source exactly once. */
export function applyEdit(source: string, { file, find, replace }: Edit): string {
  const times = source.split(find).length - 1;
  if (times !== 1)
    throw new Error(
      `The planted fault no longer fits ${file}: its text stands there ${times} times:\n${find}`,
    );
  return source.replace(find, () => replace);
}

export type PlantedRun = { readonly exitCode: number | null; readonly output: string };

/** `seeds`: that many from `seed` on. */
export async function runPlanted(
  fault: Pick<PlantedFault, "edits" | "seed" | "days">,
  adminUrl: string,
  seeds = 1,
): Promise<PlantedRun> {
  const folder = await mkdtemp(join(await scratchParent(), "mintro-planted-"));
  try {
    for (const part of COPIED)
      await cp(join(SERVER, part), join(folder, "server", part), { recursive: true });
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    for (const edit of fault.edits) {
      const path = join(folder, "server", edit.file);
      await writeFile(path, applyEdit(await readFile(path, "utf8"), edit));
    }
    const { seed, days } = fault;
    const options = { seed, days, seeds, "kill-every": KILL_EVERY, "database-url": adminUrl };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    return await run(join(folder, "server/test/simulation/simulate.ts"), args);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(script: string, args: readonly string[]): Promise<PlantedRun> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, output }));
  });
}

/** The invariants that a run says are violated. */
export function violatedIn(output: string): string[] {
  return [...output.matchAll(/^WRONG ([\w-]+):/gm)].map((match) => match[1] ?? "");
}
