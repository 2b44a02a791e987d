/**
 * Builds the browser's part of the checkout, and the script that puts it into a merchant's page, into `dist/<version>/`, the version being a hash of everything it is made
 * of: whether a build is fresh is then whether its folder exists, two processes that build at once end with the same
 * folder, and an install whose folder is there never has to be written to.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const DIST = join(ROOT, "dist");

/** The path under which the server offers the built files. */
export const ASSETS_BASE = "/pay/assets/";
export const MANIFEST = "manifest.json";
export const ENTRY = "src/main.tsx";

/** The embed (sdk/embed), as the one classic script that the server offers at `/embed.js`. */
export const EMBED = "embed.js";
const EMBED_SOURCES = join(ROOT, "..", "sdk", "embed");

/** A build that was killed leaves its folder behind; after this long it is nobody's. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;
const BUILDING = ".building-";

/** The folder of the present sources' build, whether or not it has been made. */
export function builtFolder(): string {
  return join(DIST, sourceVersion());
}

/** Whether there is a build of the present sources. */
export function isBuilt(): boolean {
  return existsSync(join(builtFolder(), MANIFEST));
}

/**
 * Builds, unless the present sources are built already.
 * @throws what Vite or the file system says, where the build fails or may not be written
 */
async function buildCheckout(): Promise<void> {
  if (isBuilt()) return;
  await mkdir(DIST, { recursive: true });
  const target = builtFolder();
  const building = join(DIST, `${BUILDING}${randomUUID()}`);
  try {
    await bundle(building);
    await bundleEmbed(building);
    await rename(building, target);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    // Somebody else was first: what they built is what we would have.
    if (!isBuilt()) throw error;
  }
  await removeOthers(target);
}

async function bundle(folder: string): Promise<void> {
  // Only here: a server whose checkout is built never loads the bundler.
  const { build } = await import("vite");
  await build({
    configFile: false,
    root: ROOT,
    base: ASSETS_BASE,
    mode: "production",
    logLevel: "warn",
    publicDir: false,
    envDir: false,
    oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
    build: {
      outDir: folder,
      emptyOutDir: false,
      assetsDir: "",
      manifest: MANIFEST,
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: { input: join(ROOT, ENTRY) },
    },
  });
}

async function bundleEmbed(folder: string): Promise<void> {
  const { build } = await import("vite");
  await build({
    configFile: false,
    root: EMBED_SOURCES,
    mode: "production",
    logLevel: "warn",
    publicDir: false,
    envDir: false,
    plugins: [{ name: "squeeze-style", transform: { filter: { id: /style\.ts$/ }, handler: squeezeStyle } }],
    build: {
      outDir: folder,
      emptyOutDir: false,
      reportCompressedSize: false,
      modulePreload: false,
      rolldownOptions: {
        input: join(EMBED_SOURCES, "script.ts"),
        output: { format: "iife", entryFileNames: EMBED },
      },
    },
  });
}

/** A style sheet that stands in a script is text to its minifier. */
function squeezeStyle(code: string): string {
  return code.replaceAll(/`\n[^`]*`/g, (css) =>
    css
      .replaceAll(/\s+/g, " ")
      .replaceAll(/\s?([{};])\s?/g, "$1")
      .replaceAll(/(?<=[:,]) /g, ""),
  );
}

/** Hashes the names and contents of the sources, and the package file, which pins the exact versions of the libraries. */
function sourceVersion(): string {
  const hash = createHash("sha256");
  for (const file of [...sourceFiles(), join(ROOT, "package.json"), fileURLToPath(import.meta.url)]) {
    const content = readFileSync(file);
    hash.update(`${relative(ROOT, file).split(sep).join("/")}\n${content.length}\n`).update(content);
  }
  return hash.digest("hex").slice(0, 20);
}

function sourceFiles(): readonly string[] {
  return [join(ROOT, "src"), EMBED_SOURCES]
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function removeOthers(kept: string): Promise<void> {
  for (const name of await readdir(DIST)) {
    const folder = join(DIST, name);
    if (folder === kept || (name.startsWith(BUILDING) && (await isRecent(folder)))) continue;
    await rm(folder, { recursive: true, force: true });
  }
}

async function isRecent(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs < ABANDONED_AFTER_MS;
}

if (import.meta.main) await buildCheckout();
