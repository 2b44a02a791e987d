import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepFile, writeKept } from "./kept-files.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "mintro-kept-"));
});
afterEach(() => rm(parent, { recursive: true }));

test("what is made once is found again, readable by its owner alone", async () => {
  const folder = join(parent, "data");
  expect(await keepFile(folder, "name", () => "first")).toEqual({ text: "first", made: true });
  expect(await keepFile(folder, "name", () => "second")).toEqual({ text: "first", made: false });
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, "name"))).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["name"]);
});

test("of many that make it at the same moment, one does, and all get what that one made", async () => {
  let made = 0;
  const kept = await Promise.all(
    Array.from({ length: 20 }, () => keepFile(parent, "name", () => `number ${++made}`)),
  );
  expect(new Set(kept.map(({ text }) => text)).size).toBe(1);
  expect(kept.filter((each) => each.made)).toHaveLength(1);
  expect(await readdir(parent)).toEqual(["name"]);
});

test("an empty file, as a full disk may leave it, is none", async () => {
  await writeFile(join(parent, "name"), "");
  expect(await keepFile(parent, "name", () => "new")).toEqual({ text: "new", made: true });
  expect(await readFile(join(parent, "name"), "utf8")).toBe("new\n");
});

test("what is replaced is closed to others, whatever it was before", async () => {
  await writeFile(join(parent, "name"), "old");
  await chmod(join(parent, "name"), 0o644);
  await writeKept(parent, "name", "new");
  expect(await keepFile(parent, "name", () => "")).toEqual({ text: "new", made: false });
  expect((await stat(join(parent, "name"))).mode & 0o777).toBe(0o600);
});

test("a folder that is none is refused in one line", async () => {
  await writeFile(join(parent, "file"), "");
  await expect(writeKept(join(parent, "file"), "name", "text")).rejects.toThrow(
    /^Cannot write .*file\/name \(E\w+\): let this user write it, or set MINTRO_DATA_DIR/,
  );
});
