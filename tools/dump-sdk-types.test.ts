import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { sdkTypes } from "./dump-sdk-types.ts";

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8");

describe("the SDK's types", () => {
  test("are those of the OpenAPI document, and nobody has changed them by hand", async () => {
    expect(read("sdk/src/types.ts")).toBe(await sdkTypes(read("docs/openapi.json")));
  });

  test("follow the document: a new field is a new property, a nullable one may be null", async () => {
    const node = { description: "A thing.", type: "object", required: ["id"] };
    const properties = {
      id: { type: "string", description: "Its id." },
      other: { $ref: "#/components/schemas/Other" },
    };
    const Other = { type: ["integer", "null"], description: "Another." };
    const schemas = { Thing: { ...node, properties }, Other };
    const types = await sdkTypes(JSON.stringify({ components: { schemas } }));
    expect(types).toContain(
      "/** A thing. */\nexport interface Thing {\n  /** Its id. */\n  id: string;\n  other?: Other;\n}\n",
    );
    expect(types).toContain("/** Another. */\nexport type Other = number | null;\n");
  });
});
