import { importsOf } from "./modules.ts";
import { namesImported } from "./names.ts";
import { type Finding, findingAt, isServerCode, type Tree } from "./source.ts";

/**
 * Who reaches beyond the process: only flows and processors call the outside, only main knows the process. What needs
 * no import (`fetch`, `process`) is held by biome.json, which knows what a name stands for.
 */

/** Domain may import less still: see `pureDomain`. */
const INSIDE = /^server\/src\/(?:base|audit|store|api|worker)\//;
const NETWORK = /^undici$|^(?:node:)?(?:https?|http2|tls|net|dgram)$/;

/** Questions about the text of an address. */
const COMPUTES = new Set(["isIP", "isIPv4", "isIPv6", "BlockList"]);

export function* outside({ sources }: Tree): Iterable<Finding> {
  for (const source of sources) {
    if (!isServerCode(source.path) || source.path.startsWith("server/src/main/")) continue;
    for (const { specifier, offset } of importsOf(source))
      if (/^(?:node:)?(?:process|child_process|worker_threads|cluster)$/.test(specifier))
        yield findingAt(
          source,
          offset,
          "outside",
          `only main knows the process: take what ${specifier} would give`,
        );
    if (!INSIDE.test(source.path)) continue;
    const names = namesImported(source, (_, specifier) => (NETWORK.test(specifier) ? specifier : undefined));
    for (const { path, name, offset, typeOnly } of names)
      if (!typeOnly && !COMPUTES.has(name))
        yield findingAt(source, offset, "outside", `${path}: only flows and processors call the outside`);
  }
}
