/** The key that is kept in the data folder is changed by a command while Mintro is stopped, killed at its worst moments too. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/platform.ts";
import {
  databaseOf,
  type Mintro,
  merchantAt,
  query,
  ROOT,
  startMintro,
  stopMintro,
  useSeed,
} from "./mintro.ts";

const newFolder = useSeed();
const WEBHOOK = { MINTRO_WEBHOOK_URL: "http://127.0.0.1:9/hook" };

type Rotation = {
  readonly kill: () => void;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly error: string }>;
};

function rotate(dataDir: string, env: Record<string, string> = {}): Rotation {
  const child = spawn(process.execPath, [join(ROOT, "cli/bin/mintro.mjs"), "secrets", "rotate"], {
    env: { PATH: process.env["PATH"] ?? "", MINTRO_DATA_DIR: dataDir, ...env },
  });
  let [out, error] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (error += text.toString()));
  return {
    kill: () => child.kill("SIGKILL"),
    ended: new Promise((resolve) => {
      child.once("close", (code) => resolve({ code, out, error }));
    }),
  };
}

const keptKeys = async (dataDir: string) =>
  (await readFile(join(dataDir, "secret-key"), "utf8")).trim().split("\n");
const signingSecret = (dataDir: string) => readFile(join(dataDir, "webhook-secret"), "utf8");

/** The seals of the stored secrets. */
async function seals(mintro: Mintro): Promise<unknown[]> {
  const rows = await query(
    await databaseOf(mintro),
    "select distinct encode(substring(secret from 1 for 5), 'hex') as seal from webhook_endpoints",
  );
  return rows.map(({ seal }) => seal);
}

test("the kept key is changed by one command, and what it had sealed stays readable", async () => {
  const dataDir = await newFolder();
  const [old = ""] = await keptKeys(dataDir);
  const first = startMintro({ dataDir, env: WEBHOOK });
  const merchant = await merchantAt(first);
  const idempotent = { "idempotency-key": "one" };
  const made = await merchant.post("/webhook-endpoints", { url: "http://127.0.0.1:9/" }, idempotent);
  const secret = await signingSecret(dataDir);
  const before = await seals(first);

  const refused = await rotate(dataDir).ended;
  expect(refused.code).toBe(2);
  expect(refused.error).toMatch(
    /is in use by another Mintro .* Its own key is changed while it is stopped\.\n$/,
  );
  expect(await keptKeys(dataDir)).toEqual([old]);
  await stopMintro(first);

  const { code, out, error } = await rotate(dataDir).ended;
  expect([code, error]).toEqual([0, ""]);
  expect(out).toMatch(/^3 stored secrets are now encrypted with the present key/);
  const [present = "", ...others] = await keptKeys(dataDir);
  expect(others).toEqual([]);
  expect(present).not.toBe(old);
  expect(`${out}${error}`).not.toContain(present);

  const second = startMintro({ dataDir, env: WEBHOOK });
  const again = await (await merchantAt(second)).post(
    "/webhook-endpoints",
    { url: "http://127.0.0.1:9/" },
    idempotent,
  );
  expect(again.text).toBe(made.text);
  expect(await signingSecret(dataDir)).toBe(secret);
  const after = await seals(second);
  expect(after).toHaveLength(1);
  expect(after).not.toEqual(before);
  await stopMintro(second);

  const wrong = startMintro({ dataDir, env: { ...WEBHOOK, MINTRO_SECRET_KEY: old } });
  expect((await wrong.exited).code).toBe(1);
  expect(wrong.stderr()).toMatch(
    /^MINTRO_SECRET_KEY .* is not the key that this database's secrets were encrypted with: [^\n]*\n$/,
  );
});

test("killed when it has made the key and sealed nothing, it is done by the next run, and starts meanwhile", async () => {
  const dataDir = await newFolder();
  const [old = ""] = await keptKeys(dataDir);
  const first = startMintro({ dataDir, env: WEBHOOK });
  await first.ready();
  const secret = await signingSecret(dataDir);
  await stopMintro(first);

  const rotation = rotate(dataDir);
  await eventually(async () => (await keptKeys(dataDir)).length === 2, 30_000);
  rotation.kill();
  expect((await rotation.ended).code).toBeNull();
  // It may have got further than the moment that was waited for, and then there is one key again.
  const [made = "", ...rest] = await keptKeys(dataDir);
  expect([[], [old]]).toContainEqual(rest);

  const between = startMintro({ dataDir, env: WEBHOOK });
  await between.ready();
  expect(await signingSecret(dataDir)).toBe(secret);
  await stopMintro(between);

  expect((await rotate(dataDir).ended).code).toBe(0);
  const [present = "", ...others] = await keptKeys(dataDir);
  expect(others).toEqual([]);
  if (rest.length > 0) expect(present).toBe(made); // the rotation that was begun, and no second one
  const last = startMintro({ dataDir, env: WEBHOOK });
  await last.ready();
  expect(await signingSecret(dataDir)).toBe(secret);
});

test("a key that is given is changed beside a Mintro that runs on the folder", async () => {
  const dataDir = await newFolder();
  const [old = ""] = await keptKeys(dataDir);
  const present = Buffer.alloc(32, 9).toString("base64");
  const env = { MINTRO_SECRET_KEY: present, MINTRO_PREVIOUS_SECRET_KEYS: old };
  const mintro = startMintro({ dataDir, env: { ...env, ...WEBHOOK } });
  await mintro.ready();
  const { code, out } = await rotate(dataDir, env).ended;
  expect([code, out.includes("MINTRO_PREVIOUS_SECRET_KEYS may go")]).toEqual([0, true]);
  await stopMintro(mintro);
  const after = startMintro({ dataDir, env: { MINTRO_SECRET_KEY: present, ...WEBHOOK } });
  await after.ready();
});
