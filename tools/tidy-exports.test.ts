import { describe, expect, test } from "vitest";
import { planted, untidy } from "./tidy/plant.ts";

describe("a name is exported where it lives", () => {
  test.each([
    'export { a } from "./b.ts";',
    'export type { A } from "./b.ts";',
    'import { a } from "./b.ts";\nexport { a };',
  ])("%s is a barrel", (code) => {
    expect(planted("cli/src/a.ts", code).at(-1)).toMatch(/: exports$/);
  });

  test("a package's face shows what others may take", () => {
    const manifest = JSON.stringify({ name: "@mintro/site", exports: { "./site": "./site.ts" } });
    const face = '// Why.\nexport { page } from "./page.ts";\nexport const own = 1;\n';
    const page = "// Why.\nexport const page = 1;\n";
    expect(untidy({ "site/package.json": manifest, "site/site.ts": face, "site/page.ts": page })).toEqual([]);
    expect(untidy({ "site/site.ts": face, "site/page.ts": page })).toEqual([
      "site/site.ts:2: exports",
      "site/site.ts:3: exports",
    ]);
  });

  test("a built package's face has its source beside it", () => {
    const exports = { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } };
    const files = {
      "sdk/package.json": JSON.stringify({ name: "@mintro/sdk", exports }),
      "sdk/src/index.ts": '// Why.\nexport { a } from "./a.ts";\n',
      "sdk/src/a.ts": "// Why.\nexport const a = 1;\n",
    };
    expect(untidy(files)).toEqual([]);
  });
});

describe("what is exported is taken", () => {
  const alone = (path: string, code: string): string[] => untidy({ [path]: `// Why.\n${code}\n` });

  test.each([
    "export const a = 1;",
    "export function a() {}",
    "export class A {}",
    "export const { a } = b;",
    "const a = 1; export { a };",
    "export const a = 1; use(a);",
    "export type A = string;",
  ])("%s is found where nobody imports it", (code) => {
    expect(alone("cli/src/a.ts", code)).toEqual(["cli/src/a.ts:2: exports"]);
  });

  test("a type may be the shape of what its own file gives", () => {
    expect(alone("cli/src/a.ts", "export type A = string; const a: A = b();")).toEqual([]);
  });

  test.each([
    'import { a } from "@mintro/server/flows/a";',
    'import { a as b } from "@mintro/server/flows/a";',
    'import * as all from "@mintro/server/flows/a";',
    'const { a } = await import("@mintro/server/flows/a");',
  ])("it is taken by %s", (code) => {
    const files = {
      "server/package.json": JSON.stringify({ name: "@mintro/server", exports: { "./*": "./src/*.ts" } }),
      "server/src/flows/a.ts": "// Why.\nexport const a = 1;\n",
      "cli/src/b.ts": `// Why.\n${code}\n`,
    };
    expect(untidy(files)).toEqual([]);
  });

  test("what only a test takes of the platform is there for nothing", () => {
    const taken = { "server/src/flows/a.test.ts": 'import { a } from "./a.ts";\n' };
    const found = ["server/src/flows/a.ts:2: exports"];
    expect(untidy({ ...taken, "server/src/flows/a.ts": "// Why.\nexport const a = 1, b = a;\n" })).toEqual(
      found,
    );
    expect(
      untidy({
        ...taken,
        "server/src/flows/a.ts": "// Why.\nexport const a = 1;\nexport const b = 1;\n",
        "server/src/flows/b.ts": '// Why.\nimport { b } from "./a.ts";\n',
      }),
    ).toEqual(found);
  });

  test("a file that only tests take is a part of them", () => {
    const files = {
      "server/src/processors/conformance.ts": "// Why.\nexport const describeProcessor = 1;\n",
      "server/src/processors/a.test.ts": 'import { describeProcessor } from "./conformance.ts";\n',
    };
    expect(untidy(files)).toEqual([]);
  });
});
