import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addressOf, OPENAPI, targetOf } from "./addresses.ts";
import { CONTENTS } from "./contents.ts";
import { ROOT, readLibrary } from "./library.ts";
import { renderMarkdown } from "./markdown.ts";
import { createSite } from "./site.ts";

const library = await readLibrary("", "http://localhost:3000");

describe("the texts of the repository as pages", () => {
  it("lead nowhere that is not there, down to the heading", () => {
    const broken: string[] = [];
    for (const { path: from, links } of library.articles.values()) {
      for (const { path, hash } of links) {
        const address = addressOf(path);
        const article = address === null ? undefined : library.articles.get(address);
        const isThere =
          article !== undefined || address === OPENAPI || (address !== null && library.files.has(address));
        if (!isThere) broken.push(`${from} → ${path}`);
        else if (hash !== "" && !article?.headings.some(({ id }) => `#${id}` === hash))
          broken.push(`${from} → ${path}${hash}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it("are all in the list beside them, but for decisions and examples, which have lists of their own", () => {
    const listed = CONTENTS.flatMap(({ addresses }) => addresses);
    const there = [...library.articles.keys()].filter(
      (address) => !/^\/docs\/(?:decisions\/|examples|sdk)/.test(address),
    );
    expect([...listed].sort()).toEqual(there.sort());
  });

  it("are found at an address made of their path", () => {
    expect(addressOf("docs/guides/webhooks.md")).toBe("/docs/guides/webhooks");
    expect(addressOf("SECURITY.md")).toBe("/docs/about/security");
    expect(addressOf("server/src/main/wire.ts")).toBeNull();
    expect(targetOf("docs/guides/a.md", "../../SECURITY.md#x")).toEqual({ path: "SECURITY.md", hash: "#x" });
    expect(targetOf("docs/guides/a.md", "https://example.com")).toBeNull();
  });

  it("keep what is code as it stands, and give equal headings different ids", () => {
    const source = "# A `<b>`\n\n## Twice\n\n## Twice\n\n```html\n<script>alert(1)</script>\n```\n";
    const { title, html, headings } = renderMarkdown("docs/x.md", source, "/mintro");
    expect(title).toContain("A");
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).not.toContain("<script>");
    expect(headings.map(({ id }) => id)).toEqual(["a-b", "twice", "twice-1"]);
  });
});

describe("samples and drawings", () => {
  /** So many characters has a block on a screen of 1280 pixels (site/assets/article.css). */
  const COLUMN = 96;
  const FENCED = /^( *)```([^\n`]*)\n([\s\S]*?)^\1```$/gm;
  /** Blocks without a language show what a program prints, however long its lines are. */
  const pages = [...library.articles.values()].filter(({ path }) =>
    /^(?:docs\/|README|ARCHITECTURE|CONTRIBUTING)/.test(path),
  );

  it("fit into their column", async () => {
    const wide: string[] = [];
    for (const { path } of pages) {
      const text = await readFile(join(ROOT, path), "utf8");
      for (const [, , language = "", inside = ""] of text.matchAll(FENCED)) {
        if (language === "") continue;
        for (const line of inside.split("\n")) if (line.length > COLUMN) wide.push(`${path}: ${line}`);
      }
    }
    expect(wide).toEqual([]);
  });

  it("name the platform's own address, so that they work where it listens", async () => {
    const { articles } = await readLibrary("/mintro", "https://pay.example:8443/mintro");
    for (const { path, html } of articles.values())
      if (!path.startsWith("examples/")) expect(html, path).not.toMatch(/localhost:3000(?!\d)/);
    const html = (address: string) => articles.get(address)?.html ?? "";
    expect(html("/docs/guides/first-payment")).toContain("api=https://pay.example:8443/mintro/api/platform");
    expect(html("/docs/guides/first-payment")).toContain('href="https://pay.example:8443/mintro/docs"');
    expect(html("/docs/examples/express-shop")).toContain("http://localhost:3000"); // what it takes where none is named
  });
});

describe("the site", () => {
  const site = createSite({ base: "/mintro", publicUrl: () => "https://pay.example/mintro", demo: false });

  it("finds its files below the path of the public address", async () => {
    for (const address of ["/", "/docs", "/docs/guides/webhooks"]) {
      const text = (await site.at(address))?.body.toString() ?? "";
      const paths = [...text.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(([, path]) => path ?? "");
      expect(paths.length).toBeGreaterThan(3);
      for (const path of paths) expect(path).toMatch(/^\/mintro\//);
    }
  });

  it("lights the entry of the bar that a page belongs to, and none for what is about Mintro", async () => {
    const litAt = async (address: string) =>
      /aria-current="true">([^<]+)</.exec((await site.at(address))?.body.toString() ?? "")?.[1] ?? null;
    expect(await litAt("/docs")).toBe("API reference");
    for (const address of ["/docs/guides/webhooks", "/docs/api", "/docs/sdk", "/docs/examples/express-shop"])
      expect(await litAt(address), address).toBe("Guides");
    expect(await litAt("/docs/operate/running")).toBe("Operating");
    for (const address of ["/docs/about/readme", "/docs/decisions", "/docs/decisions/0002-pg"])
      expect(await litAt(address), address).toBeNull();
  });

  it("offers the demo payment only where there is one", async () => {
    expect((await site.at("/"))?.body.toString()).not.toContain("/pay/demo");
    const withDemo = createSite({ base: "", publicUrl: () => "http://localhost:3000", demo: true });
    expect((await withDemo.at("/"))?.body.toString()).toContain('href="/pay/demo"');
  });

  it.each(["/docs/", "/docs/assets/../../package.json", "/docs/source/package.json", "/docs/guides", "/x"])(
    "has nothing at %s",
    async (address) => {
      expect(await site.at(address)).toBeNull();
    },
  );

  it("serves Scalar's script itself, and each file once made", async () => {
    const script = await site.at("/docs/assets/scalar.js");
    expect(script?.body.length).toBeGreaterThan(1_000_000);
    expect(await site.at("/docs/assets/scalar.js")).toBe(script);
  }, 60_000);
});
