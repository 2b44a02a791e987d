/**
 * Where each page of the repository is found below the platform's address: `docs/guides/webhooks.md` at
 * `/docs/guides/webhooks`, what stands at the top, such as `SECURITY.md`, at `/docs/about/security`.
 */
import { posix } from "node:path";

/** Served by the platform itself, with its own address in it. */
export const OPENAPI = "/openapi.json";

const AT_THE_TOP = /^[A-Z]+(?:\.md)?$/;

/** Null for what is not shown: neither a page of `docs/` nor one of the texts at the top. `path` is the repository's. */
export function addressOf(path: string): string | null {
  if (AT_THE_TOP.test(path)) return `/docs/about/${path.replace(/\.md$/, "").toLowerCase()}`;
  if (path === "docs/decisions/README.md") return "/docs/decisions";
  if (path === "docs/openapi.json") return OPENAPI;
  const readme = /^((?:examples|sdk)(?:\/[\w-]+)?)\/README\.md$/.exec(path)?.[1];
  if (readme !== undefined) return `/docs/${readme}`;
  if (path.startsWith("docs/") && path.endsWith(".md")) return `/${path.replace(/\.md$/, "")}`;
  if (/^(?:docs|examples|sdk)\/.+\.(?:ts|tsx|js|mjs|php|py|go|html)$/.test(path))
    return `/docs/source/${path}`;
  if (path.startsWith("docs/images/") && path.endsWith(".png")) return `/${path}`;
  return null;
}

/** What a link in the page `from` leads to: a path of the repository and a fragment; null for another site's address. */
export function targetOf(
  from: string,
  href: string,
): { readonly path: string; readonly hash: string } | null {
  if (/^[a-z][a-z+.-]*:/i.test(href)) return null;
  const [rest = "", fragment] = href.split("#", 2);
  const path = rest === "" ? from : posix.normalize(posix.join(posix.dirname(from), rest)).replace(/\/$/, "");
  return { path, hash: fragment === undefined ? "" : `#${fragment}` };
}
