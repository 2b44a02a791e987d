import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `node sdk/build.ts [folder]` makes what is published: JavaScript, types and maps, in sdk/dist unless told otherwise.
 * It is made aside and put in place at once, so that nobody who imports it meanwhile sees a half of it.
 */
const SDK = fileURLToPath(new URL(".", import.meta.url));
const BIN = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));
const PROJECTS = [
  { config: "tsconfig.build.json", entry: "src/index.ts", folder: "" },
  { config: "tsconfig.embed.json", entry: "embed/index.ts", folder: "embed" },
];

/** Throws with the compiler's words where something does not compile. */
export function buildSdk(folder: string): void {
  const aside = `${folder}.${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  try {
    for (const { config, entry, folder: inner } of PROJECTS)
      if (existsSync(join(SDK, entry))) compile(config, join(aside, inner));
    for (const name of globSync("**/*.d.ts", { cwd: aside })) importJavaScript(join(aside, name));
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function compile(config: string, outDir: string): void {
  const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env["PATH"] ?? ""}` };
  const args = ["-p", join(SDK, config), "--outDir", outDir];
  const { status, stdout, error } = spawnSync("tsc", args, { env, encoding: "utf8", timeout: 120_000 });
  if (status !== 0) throw new Error(`${config} does not compile: ${error?.message ?? ""}\n${stdout}`);
}

/** The compiler leaves `.ts` in the imports of types, which older ones do not follow. */
function importJavaScript(path: string): void {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/((?:from|import\() ?"\.[^"]+)\.ts"/g, '$1.js"'));
}

if (import.meta.main) buildSdk(resolve(process.argv[2] ?? join(SDK, "dist")));
