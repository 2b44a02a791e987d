import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createConfig, lint, type NormalizedProblem } from "@redocly/openapi-core";
import { errorsGuide } from "../server/src/api/openapi/errors-guide.ts";
import { openApiDocument } from "../server/src/api/openapi.ts";

/**
 * Writes what is generated from the API's tables: docs/openapi.json and docs/guides/errors.md. `--check` writes nothing; it
 * exits 1 where a file is not what the tables give, and lints the document by Redocly's recommended rules, and those that
 * try every example against its schema. Warnings count.
 */
const REDO = "run `npm run openapi`";

/** The address in the committed document is the one of a Mintro that was just started. */
const SERVER = {
  url: "{mintro}",
  description: "Your Mintro.",
  variables: {
    mintro: { default: "http://localhost:3000", description: "The public address of your Mintro." },
  },
};

interface Generated {
  readonly path: string;
  readonly text: string;
}

export function generatedFiles(): readonly Generated[] {
  return [
    { path: "docs/openapi.json", text: `${JSON.stringify(openApiDocument(SERVER), null, 2)}\n` },
    { path: "docs/guides/errors.md", text: errorsGuide() },
  ];
}

function fileAt(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

/**
 * `/intents/reference/cancel` fits two paths of the API, and the API's paths are given. It is no question which is meant:
 * the one takes GET alone and the other POST alone.
 */
const BY_REFERENCE =
  /`\/api\/platform\/intents\/reference\/\{reference_id\}` and `\/api\/platform\/intents\/\{id\}\/(?:cancel|refunds)`/;

/** What Redocly says against the document at this path, errors and warnings alike. */
export async function lintProblems(path: string): Promise<NormalizedProblem[]> {
  const config = await createConfig({
    extends: ["recommended"],
    rules: {
      "no-invalid-schema-examples": "error",
      "no-invalid-media-type-examples": "error",
      "no-invalid-parameter-examples": "error",
      "no-invalid-header-examples": "error",
    },
  });
  const problems = await lint({ ref: fileURLToPath(fileAt(path)), config });
  return problems.filter(
    ({ ruleId, message }) => ruleId !== "no-ambiguous-paths" || !BY_REFERENCE.test(message),
  );
}

async function check({ path, text }: Generated): Promise<string[]> {
  const kept = await readFile(fileAt(path), "utf8").catch(() => "");
  if (kept === text) return [];
  const lines = text.split("\n");
  const at = kept.split("\n").findIndex((line, index) => line !== lines[index]);
  return [`${path}:${at + 1}: is not what the API's tables give; ${REDO}`];
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: "boolean" } } });
  const files = generatedFiles();
  if (!values.check) for (const { path, text } of files) await writeFile(fileAt(path), text);
  const wrong = (await Promise.all(files.map(check))).flat();
  for (const { message, ruleId, severity, location } of await lintProblems("docs/openapi.json"))
    wrong.push(`docs/openapi.json: ${ruleId} (${severity}): ${message} ${location[0]?.pointer ?? ""}`);
  for (const line of wrong) console.log(line);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
