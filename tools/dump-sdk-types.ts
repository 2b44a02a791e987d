import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, type JSONSchema } from "json-schema-to-typescript";

/**
 * `node tools/dump-sdk-types.ts` writes sdk/src/types.ts from the schemas of docs/openapi.json, so that the SDK cannot
 * say anything else about the API than the API does. With `--check` it writes nothing and exits 1 where the file differs.
 */
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DOCUMENT = "docs/openapi.json";
const TYPES = "sdk/src/types.ts";

const OPENING = `/**
 * What the API takes and answers. Written by tools/dump-sdk-types.ts from docs/openapi.json: change it there. Answers may
 * get further fields later.
 */
`;

/** `document` is the text of an OpenAPI 3.1 document. Each of its component schemas becomes one exported type. */
export async function sdkTypes(document: string): Promise<string> {
  const { components } = JSON.parse(document.replaceAll('"#/components/schemas/', '"#/definitions/')) as {
    components: { schemas: Record<string, JSONSchema> };
  };
  const names = Object.keys(components.schemas);
  const root: JSONSchema = {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, { $ref: `#/definitions/${name}` }])),
    definitions: components.schemas,
  };
  const written = await compile(root, "Schemas", {
    additionalProperties: false,
    bannerComment: OPENING,
    format: false,
    ignoreMinAndMaxItems: true,
  });
  return formatted(
    written
      .replace(/export interface Schemas \{[^}]*\}\n/, "") // the generator wants one type that holds all the others
      .replace(/\/\*\*\n *\* (.*)\n *\*\//g, "/** $1 */"),
  );
}

/** By Biome, as all our sources are. */
function formatted(text: string): string {
  const env = {
    ...process.env,
    PATH: `${join(ROOT, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`,
  };
  const args = ["format", `--stdin-file-path=${TYPES}`];
  const { status, stdout, stderr } = spawnSync("biome", args, {
    cwd: ROOT,
    env,
    input: text,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Biome cannot format the types: ${stderr}`);
  return stdout;
}

if (import.meta.main) {
  const types = await sdkTypes(readFileSync(join(ROOT, DOCUMENT), "utf8"));
  if (!process.argv.includes("--check")) writeFileSync(join(ROOT, TYPES), types);
  else if (readFileSync(join(ROOT, TYPES), "utf8") !== types) {
    console.error(`${TYPES} is not what ${DOCUMENT} says. Run: node tools/dump-sdk-types.ts`);
    process.exitCode = 1;
  }
}
