/**
 * A real Chromium for the browser tests, from npm and without a download of its own.
 *
 * The package's own way is not taken: it reuses whatever lies in the temporary folder, two unpackers collide there, and
 * its launch arguments (`--single-process`, `--disable-web-security`) make tests fall over or prove nothing. Here the
 * browser is unpacked under a private name and renamed to one that says version and user; tests that start at the same
 * time then at worst unpack twice.
 */
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";
import { type Browser, chromium } from "playwright-core";

/** Starts a browser; whoever asked for it closes it. Takes 4 s the first time on a machine, then 0.2 s. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: await chromiumPath(), args: ["--no-sandbox"] });
}

async function chromiumPath(): Promise<string> {
  const { uid } = userInfo();
  const path = join(tmpdir(), `mintro-chromium-${await packageVersion()}-${uid}`);
  if (await isOurs(path, uid)) return path;
  const unpacking = `${path}.${randomUUID()}`;
  try {
    await pipeline(
      createReadStream(inPackage("bin/chromium.br")),
      createBrotliDecompress({ chunkSize: 1024 * 1024 }),
      createWriteStream(unpacking, { mode: 0o700, flags: "wx" }),
    );
    await rename(unpacking, path);
  } finally {
    await rm(unpacking, { force: true });
  }
  return path;
}

/** A file of this name in a folder that everybody may write to is only run if this user put it there. */
async function isOurs(path: string, uid: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return false;
  return uid === -1 || found.uid === uid;
}

function inPackage(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.resolve("@sparticuz/chromium")));
}

async function packageVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(inPackage("package.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null || !("version" in manifest)) return "unknown";
  return String(manifest.version);
}
