/**
 * The pages for developers, by address: the landing page, the guides and other texts of the repository, and the
 * interactive reference. Each is made when somebody first asks for it, then kept with its compressed forms.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AssetFile, assetOf } from "@mintro/checkout/assets";
import { articlePage, COPY_SCRIPT, sourcePage } from "./article-page.ts";
import { landingPage } from "./landing-page.ts";
import { type Library, ROOT, readLibrary } from "./library.ts";
import { REFERENCE_SCRIPT, referencePage, SCALAR_SCRIPT, scalarScript } from "./reference-page.ts";

export { notFoundPage } from "./not-found-page.ts";

export type SiteSettings = {
  /** The path of the public address, "" or such as "/mintro". */
  readonly base: string;
  /** Known only once the server listens. */
  readonly publicUrl: () => string;
  /** Whether `/pay/demo` leads to a payment. */
  readonly demo: boolean;
};

export type Site = {
  /** What to answer at an address of a page or a file; null where there is none. Addresses come without the base. */
  readonly at: (address: string) => Promise<AssetFile | null>;
};

export const REFERENCE = "/docs";
const CHECKOUT_PICTURE = "/docs/images/checkout.png";

const HTML = "text/html; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";
/** Looked at again each time, by its ETag: the texts change with the platform's version. */
const FRESH = "no-cache";

export function createSite(settings: SiteSettings): Site {
  const kept = new Map<string, Promise<AssetFile | null>>();
  let library: Promise<Library> | null = null;
  const read = () => {
    library ??= readLibrary(settings.base, settings.publicUrl()).catch((error: unknown) => {
      library = null; // a failure may pass
      throw error;
    });
    return library;
  };
  return {
    at(address) {
      const known = kept.get(address);
      if (known) return known;
      const made = make(settings, read, address);
      kept.set(address, made);
      // What is not there is not remembered, since anybody may ask for anything; nor is what failed.
      made.then(
        (file) => file ?? kept.delete(address),
        () => kept.delete(address),
      );
      return made;
    },
  };
}

async function make(
  settings: SiteSettings,
  read: () => Promise<Library>,
  address: string,
): Promise<AssetFile | null> {
  const { base, demo } = settings;
  switch (address) {
    case "/": {
      const landing = { publicUrl: settings.publicUrl(), demo, checkoutPicture: CHECKOUT_PICTURE };
      return html(landingPage(base, landing));
    }
    case REFERENCE:
      return html(referencePage(base));
    case SCALAR_SCRIPT:
      return assetOf(await scalarScript(), { contentType: SCRIPT, cacheControl: FRESH, isLarge: true });
    case REFERENCE_SCRIPT:
    case COPY_SCRIPT:
      return ownFile(address, SCRIPT);
    case STYLE:
      return assetOf(await style(), { contentType: "text/css; charset=utf-8", cacheControl: FRESH });
    case CHECKOUT_PICTURE:
      return picture(CHECKOUT_PICTURE.slice(1));
    default: {
      const found = await read();
      const article = articlePage(base, found, address);
      if (article !== null) return html(article);
      const path = found.files.get(address);
      if (path === undefined) return null;
      if (path.endsWith(".png")) return picture(path);
      return html(sourcePage(base, path, await readFile(join(ROOT, path), "utf8")));
    }
  }
}

const STYLE = "/docs/assets/site.css";

/** The checkout's colours and type, so that both look like one thing, then what is the site's own. */
async function style(): Promise<Buffer> {
  const own = ["site.css", "landing.css", "article.css", "reference.css"].map(
    (name) => `site/assets/${name}`,
  );
  const parts = ["checkout/src/style/ground.css", ...own];
  return Buffer.concat(await Promise.all(parts.map((path) => readFile(join(ROOT, path)))));
}

function html(text: string): Promise<AssetFile> {
  return assetOf(Buffer.from(text), { contentType: HTML, cacheControl: FRESH });
}

async function ownFile(address: string, contentType: string): Promise<AssetFile> {
  const name = address.slice(address.lastIndexOf("/") + 1);
  return assetOf(await readFile(join(ROOT, "site/assets", name)), { contentType, cacheControl: FRESH });
}

async function picture(path: string): Promise<AssetFile> {
  return assetOf(await readFile(join(ROOT, path)), { contentType: "image/png", cacheControl: FRESH });
}
