/** The texts of the repository as pages, read when somebody asks for the first of them and kept from then on. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addressOf } from "./addresses.ts";
import { type Article, renderMarkdown } from "./markdown.ts";

export type Library = {
  /** By address, such as `/docs/guides/webhooks`. */
  readonly articles: ReadonlyMap<string, Article & { readonly path: string }>;
  /** Sources and pictures that the articles link to, by address; the paths are the repository's. */
  readonly files: ReadonlyMap<string, string>;
};

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** What the texts call the platform's address: that of a start without settings. */
const ADDRESS_IN_TEXTS = /http:\/\/localhost:3000(?!\d)/g;
/** These tell what the examples take where nobody names an address, which is that one wherever Mintro runs. */
const KEEPS_ADDRESS = /^examples\//;

const FOLDERS = ["docs", "docs/guides", "docs/operate", "docs/decisions", "sdk", "examples"];

/**
 * `publicUrl` is the platform's own address, which the texts name in place of the usual one, so that what is copied from them
 * works here. `base` is its path.
 *
 * @throws where the repository's texts cannot be read
 */
export async function readLibrary(base: string, publicUrl: string): Promise<Library> {
  const examples = await readdir(join(ROOT, "examples"), { withFileTypes: true });
  const folders = examples.filter((entry) => entry.isDirectory()).map(({ name }) => `examples/${name}`);
  const paths = (await Promise.all(["", ...FOLDERS, ...folders].map(pagesIn))).flat();
  const articles = await Promise.all(
    paths.map(async ({ path, address }) => {
      const text = await readFile(join(ROOT, path), "utf8");
      const source = KEEPS_ADDRESS.test(path) ? text : text.replaceAll(ADDRESS_IN_TEXTS, () => publicUrl);
      const article = renderMarkdown(path, source, base);
      return [address, { ...article, path }] as const;
    }),
  );
  const files = new Map<string, string>();
  for (const [, { links }] of articles) {
    for (const { path } of links) {
      const address = addressOf(path);
      if (address !== null && /^\/docs\/(?:source|images)\//.test(address)) files.set(address, path);
    }
  }
  return { articles: new Map(articles), files };
}

async function pagesIn(folder: string): Promise<{ path: string; address: string }[]> {
  const names = await readdir(join(ROOT, folder));
  return names.flatMap((name) => {
    const path = folder === "" ? name : `${folder}/${name}`;
    const address = /\.md$|^LICENSE$/.test(name) ? addressOf(path) : null;
    return address === null ? [] : [{ path, address }];
  });
}
