/**
 * The built checkout and embed as the server serves them: read and compressed once at start, then from memory.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { ASSETS_BASE, builtFolder, EMBED, ENTRY, isBuilt, MANIFEST } from "./build.ts";

const BUILD_TIMEOUT_MS = 120_000;

export interface AssetFile {
  readonly body: Buffer;
  /** Null where compressing gains nothing, as with pictures. */
  readonly brotli: Buffer | null;
  readonly gzip: Buffer | null;
  readonly contentType: string;
  /** Weak, since it stands for all three encodings (RFC 9110, 8.8.3). */
  readonly etag: string;
  readonly cacheControl: string;
}

/** The names carry a hash of the content, so what was fetched once never changes. */
const FOR_EVER = "public, max-age=31536000, immutable";
/** A fixed name: merchants' pages have a new version after five minutes, or once more the old one while it is fetched. */
const FOR_MINUTES = "public, max-age=300, stale-while-revalidate=3600";

export interface AssetLink {
  /** Where the browser finds it, `/pay/assets/main-….js`. */
  readonly path: string;
}

export interface CheckoutAssets {
  readonly script: AssetLink;
  readonly style: AssetLink;
  /** By URL path. */
  readonly files: ReadonlyMap<string, AssetFile>;
  /** The script that merchants' pages load from `/embed.js`. */
  readonly embed: AssetFile;
}

/**
 * The checkout's script and style, built first where that was not done for the present sources.
 * @throws where they are not built and cannot be: the error says how to build them
 */
export async function checkoutAssets(): Promise<CheckoutAssets> {
  if (!isBuilt()) await buildApart();
  const folder = builtFolder();
  const { script, style } = entryOf(await readFile(join(folder, MANIFEST), "utf8"));
  const names = [script, style];
  const [embed, ...files] = await Promise.all([
    assetFile(join(folder, EMBED), FOR_MINUTES),
    ...names.map(
      async (name) => [ASSETS_BASE + name, await assetFile(join(folder, name), FOR_EVER)] as const,
    ),
  ]);
  return {
    script: { path: ASSETS_BASE + script },
    style: { path: ASSETS_BASE + style },
    files: new Map(files),
    embed,
  };
}

/** In a process of its own: the bundler is large, changes NODE_ENV, and builds differently under a test runner. */
async function buildApart(): Promise<void> {
  const script = fileURLToPath(new URL("./build.ts", import.meta.url));
  try {
    await promisify(execFile)(process.execPath, [script], {
      env: { ...process.env, NODE_ENV: "production", NODE_OPTIONS: "" },
      timeout: BUILD_TIMEOUT_MS,
    });
  } catch (error) {
    throw new Error("The checkout page is not built and could not be built now: run `npm run build`.", {
      cause: error,
    });
  }
}

/** What Vite's manifest says of an entry, as far as it is used here. */
type Manifest = Readonly<Record<string, { readonly file: string; readonly css?: readonly string[] }>>;

function entryOf(json: string): { readonly script: string; readonly style: string } {
  const manifest: Manifest = JSON.parse(json);
  const entry = manifest[ENTRY];
  const style = entry?.css?.[0];
  if (entry === undefined || style === undefined)
    throw new Error(`${MANIFEST} names no ${ENTRY} with its style`);
  return { script: entry.file, style };
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

async function assetFile(path: string, cacheControl: string): Promise<AssetFile> {
  const contentType = CONTENT_TYPES[extname(path)] ?? "application/octet-stream";
  return assetOf(await readFile(path), { contentType, cacheControl });
}

type AssetKind = {
  readonly contentType: string;
  readonly cacheControl: string;
  /** Megabytes, for which the best compression would take seconds. */
  readonly isLarge?: boolean;
};

/** A file as it is sent, with its compressed forms. */
export async function assetOf(
  body: Buffer,
  { contentType, cacheControl, isLarge = false }: AssetKind,
): Promise<AssetFile> {
  const [brotli, gzipped] = contentType.startsWith("image/") ? [null, null] : await compress(body, isLarge);
  return {
    body,
    brotli,
    gzip: gzipped,
    contentType,
    etag: `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
    cacheControl,
  };
}

function compress(body: Buffer, isLarge: boolean): Promise<[Buffer, Buffer]> {
  return Promise.all([
    promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: isLarge ? 5 : 11 } }),
    promisify(gzip)(body, { level: isLarge ? 6 : 9 }),
  ]);
}
