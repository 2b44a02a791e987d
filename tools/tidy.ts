import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { documents } from "./tidy/documents.ts";
import { deadExports, exportsNamed } from "./tidy/exports.ts";
import { cycles, nouns, pureDomain, rungs, workspaces } from "./tidy/modules.ts";
import { money } from "./tidy/money.ts";
import { outside } from "./tidy/outside.ts";
import { inheritance, machinePaths, opening, quiet, syntax, wholeTests } from "./tidy/shape.ts";
import { RATCHET, sizes } from "./tidy/sizes.ts";
import { type Finding, type Rule, type Tree, treeOf } from "./tidy/source.ts";
import { sqlAccount, sqlPlace, sqlPortable, sqlTables } from "./tidy/sql.ts";
import { world } from "./tidy/world.ts";
import { apiWrites, transactions } from "./tidy/writes.ts";

/**
 * The rules of this project that no compiler and no linter knows. Each is a function from the tree to findings, and
 * tidy.test.ts plants a violation of each. `node tools/tidy.ts` prints `path:line: rule: what to do` and exits 1 if
 * there is any.
 */
const RULES: readonly Rule[] = [
  syntax,
  rungs,
  nouns,
  pureDomain,
  workspaces,
  cycles,
  outside,
  world,
  money,
  sqlPlace,
  sqlTables,
  sqlAccount,
  sqlPortable,
  apiWrites,
  transactions,
  opening,
  exportsNamed,
  deadExports,
  inheritance,
  quiet,
  wholeTests,
  machinePaths,
  documents,
];

/** `earlierRatchets` are the texts of older versions of the size list; see tidy/sizes.ts. */
export function findUntidy(tree: Tree, earlierRatchets: readonly string[] = []): Finding[] {
  const found = [...RULES, sizes(earlierRatchets)].flatMap((rule) => [...rule(tree)]);
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
}

export function formatFinding({ path, line, rule, advice }: Finding): string {
  return `${path}:${line}: ${rule}: ${advice}`;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NOT_OURS = new Set(["node_modules", "dist", ".git", ".mintro", "coverage"]);
const TEXT = /\.(?:tsx?|mts|js|mjs|md|json|sql|sh|css|html|svg|ya?ml|txt)$|^\.ci\/|^[^./]+$/;

function readTree(): Tree {
  const texts = new Map<string, string>();
  const others: string[] = [];
  const read = (folder: string): void => {
    for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (NOT_OURS.has(entry.name) || entry.name.endsWith(".log")) continue;
      if (entry.isDirectory()) read(path);
      else if (TEXT.test(path)) texts.set(path, readFileSync(join(ROOT, path), "utf8"));
      else others.push(path);
    }
  };
  read("");
  return treeOf(texts, others);
}

/** The size list of the last commit and of the one before it; nothing where there is no history. */
function earlierRatchets(): string[] {
  return ["HEAD", "HEAD~1"].flatMap((commit) => {
    try {
      const stdio = ["ignore", "pipe", "ignore"] as const;
      return [
        execFileSync("git", ["show", `${commit}:${RATCHET}`], {
          cwd: ROOT,
          encoding: "utf8",
          stdio: [...stdio],
        }),
      ];
    } catch {
      return [];
    }
  });
}

if (import.meta.main) {
  const found = findUntidy(readTree(), earlierRatchets());
  for (const finding of found) console.log(formatFinding(finding));
  process.exitCode = found.length > 0 ? 1 : 0;
}
