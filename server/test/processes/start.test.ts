import { execFile } from "node:child_process";
import { chown, cp, lstat, mkdir, readdir, readFile, realpath, rm, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { eventually, merchantOf, pay } from "../support/platform.ts";
import {
  asNobody,
  complaints,
  merchantAt,
  newScratch,
  nobodyMayRead,
  postgresOf,
  ROOT,
  readSecret,
  startMintro,
  stopMintro,
  useSeed,
} from "./mintro.ts";

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65534;

async function modeOf(path: string): Promise<string> {
  return ((await lstat(path)).mode & 0o777).toString(8);
}

/** What is pasted into a shell, run from a folder that has nothing to do with Mintro. */
async function paste(
  shell: "sh" | "bash",
  text: string,
): Promise<{ success: boolean; data: { payment_url: string } }> {
  const { stdout } = await promisify(execFile)(shell, ["-c", text], {
    cwd: "/",
    env: { PATH: process.env["PATH"] },
  });
  return JSON.parse(stdout);
}

/** Our own code in another folder, with everybody else's where it is. */
async function cloneInto(folder: string): Promise<void> {
  const packageJson: { workspaces: string[] } = JSON.parse(
    await readFile(join(ROOT, "package.json"), "utf8"),
  );
  await mkdir(join(folder, "node_modules/@mintro"), { recursive: true });
  for (const name of ["package.json", ...packageJson.workspaces])
    await cp(join(ROOT, name), join(folder, name), { recursive: true });
  for (const name of await readdir(join(ROOT, "node_modules")))
    if (name !== "@mintro")
      await symlink(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  for (const name of await readdir(join(ROOT, "node_modules/@mintro"))) {
    const ours = relative(await realpath(ROOT), await realpath(join(ROOT, "node_modules/@mintro", name)));
    await symlink(join(folder, ours), join(folder, "node_modules/@mintro", name));
  }
}

describe("npm start on a fresh machine", () => {
  test("is ready within 10 s in a folder with a space, and takes the printed curl in sh and bash from any folder", async () => {
    const root = join(await newScratch(), "it's a folder");
    await cloneInto(root);
    const startedAt = performance.now();
    const mintro = startMintro({
      dataDir: join(root, ".mintro"),
      env: { MINTRO_DATA_DIR: "" },
      root,
      via: "npm",
    });
    const ready = await mintro.ready();
    expect(performance.now() - startedAt).toBeLessThan(10_000);

    expect(ready.secretLine).toMatch(/^sk_[\w-]{43}$/);
    expect(ready.secretLine).toBe(await readSecret(mintro.dataDir));
    for (const shell of ["sh", "bash"] as const) {
      const created = await paste(shell, ready.curl);
      expect(created.success).toBe(true);
      expect((await pay(created.data.payment_url)).status).toBe("succeeded");
    }
    expect(mintro.stdout()).toMatch(/^ {2}Docs +http:\/\/localhost:\d+\/docs /m);
    expect(complaints(mintro)).toBe("");
  });

  test("keeps what is its owner's for its owner alone", async () => {
    const mintro = startMintro({
      dataDir: join(await newScratch(), "data"),
      env: { MINTRO_WEBHOOK_URL: "http://127.0.0.1:9/hook" },
    });
    await mintro.ready();
    expect(await modeOf(mintro.dataDir)).toBe("700");
    for (const name of [
      "client-id",
      "client-secret",
      "secret-key",
      "url",
      "webhook-secret",
      "postgres-password",
    ])
      expect([name, await modeOf(join(mintro.dataDir, name))]).toEqual([name, "600"]);
    expect(await modeOf(join(mintro.dataDir, "postgres"))).toBe("700");
  });

  test.runIf(isRoot)("runs as an ordinary user too", async (context) => {
    const folder = await newScratch();
    await chown(folder, NOBODY, NOBODY);
    if (!(await nobodyMayRead())) context.skip("the project lies where no other user may read");
    const mintro = startMintro({ dataDir: join(folder, "data"), via: "npm", prefix: asNobody });
    const merchant = await merchantAt(mintro);
    const created = await merchant.createIntent();
    expect((await pay(created.payment_url)).status).toBe("succeeded");
    expect((await lstat(join(mintro.dataDir, "client-secret"))).uid).toBe(NOBODY);
    const [postgres = 0] = await postgresOf(mintro.dataDir);
    expect(await readFile(`/proc/${postgres}/status`, "utf8")).toMatch(/^Uid:\s+65534\s/m);
    await stopMintro(mintro);
  });
});

describe("a restart", () => {
  const seeded = useSeed();

  test("keeps data and credentials, and does not show the secret again", async () => {
    const dataDir = await seeded();
    const secret = await readSecret(dataDir);
    const first = startMintro({ dataDir });
    const merchant = await merchantAt(first);
    const { intent_id, payment_url } = await merchant.createIntent();
    await pay(payment_url);
    await stopMintro(first);

    const second = startMintro({ dataDir });
    const ready = await second.ready();
    expect((await readFile(join(dataDir, "url"), "utf8")).trim()).toBe(ready.url);
    expect(ready.secretLine).toBe(`as before, in ${join(dataDir, "client-secret")}`);
    expect(second.stdout()).not.toContain(secret);
    const same = merchantOf(ready.url, merchant);
    expect((await same.intent(intent_id)).status).toBe("succeeded");
  });

  test("takes a given client and secret, shows neither secret, and leaves a curl that works", async () => {
    const dataDir = await seeded();
    const given = { MINTRO_CLIENT_ID: "my$shop's`id`", MINTRO_CLIENT_SECRET: `${"$(exit)'\"\\".repeat(4)}!` };
    const mintro = startMintro({ dataDir, env: given });
    const { curl, clientId } = await mintro.ready();
    expect(clientId).toBe(given.MINTRO_CLIENT_ID);
    expect(mintro.stdout()).not.toContain(given.MINTRO_CLIENT_SECRET);
    for (const shell of ["sh", "bash"] as const) expect((await paste(shell, curl)).success).toBe(true);
    expect(await modeOf(join(dataDir, "client-secret"))).toBe("600");
  });

  test("keeps a given client's id beside its secret", async () => {
    const dataDir = await seeded();
    const given = { MINTRO_CLIENT_ID: "test_of_my_shop", MINTRO_CLIENT_SECRET: "s".repeat(32) };
    await startMintro({ dataDir, env: given }).ready();
    const kept = await Promise.all(
      ["client-id", "client-secret"].map((name) => readFile(join(dataDir, name), "utf8")),
    );
    expect(kept.map((text) => text.trim())).toEqual(Object.values(given));
  });

  test("makes and shows a new pair where the generated client was revoked, which stays out", async () => {
    const dataDir = await seeded();
    const first = startMintro({ dataDir });
    const revoked = await merchantAt(first);
    expect((await revoked.post(`/clients/${revoked.clientId}/revoke`)).status).toBe(200);
    await stopMintro(first);

    const second = startMintro({ dataDir });
    const { url, clientId, secretLine } = await second.ready();
    expect(clientId).not.toBe(revoked.clientId);
    expect(secretLine).toBe(await readSecret(dataDir));
    const get = (client: { clientId: string; clientSecret: string }) =>
      merchantOf(url, client).get("/clients");
    expect((await get(revoked)).status).toBe(401);
    expect((await get({ clientId, clientSecret: secretLine })).status).toBe(200);
    await stopMintro(second);

    const named = { MINTRO_CLIENT_ID: revoked.clientId, MINTRO_CLIENT_SECRET: revoked.clientSecret };
    const third = startMintro({ dataDir, env: named });
    expect((await merchantOf((await third.ready()).url, revoked).get("/clients")).status).toBe(200);
  });

  test("shows a new secret at the next start where the first one failed before it could", async () => {
    const taken = await seeded();
    const other = startMintro({ dataDir: taken });
    const { port } = new URL((await other.ready()).url);
    const dataDir = join(await newScratch(), "data");
    const failed = startMintro({ dataDir, env: { PORT: port } });
    expect((await failed.exited).code).toBe(1);
    const mintro = startMintro({ dataDir });
    const { secretLine } = await mintro.ready();
    expect(secretLine).toBe(await readSecret(dataDir));
    expect(failed.stdout() + failed.stderr()).not.toContain(secretLine);
  });
});

describe("what it says of itself", () => {
  const seeded = useSeed();

  test("names the address that answers where localhost does not reach HOST, and is silent where it does", async () => {
    const aside = startMintro({ dataDir: await seeded(), env: { HOST: "127.0.0.2" } });
    const { port } = new URL((await aside.ready()).url);
    expect(aside.stdout()).toContain(`HOST answers at http://127.0.0.2:${port}, not at localhost`);
    expect((await fetch(`http://127.0.0.2:${port}/readyz`)).status).toBe(200);
    await stopMintro(aside);
    for (const env of [
      { HOST: "0.0.0.0" },
      { HOST: "localhost" },
      { HOST: "127.0.0.2", MINTRO_PUBLIC_URL: "https://pay.example" },
    ]) {
      const mintro = startMintro({ dataDir: await seeded(), env });
      await mintro.ready();
      expect(mintro.stdout()).not.toContain("HOST answers");
      await stopMintro(mintro);
    }
  });

  test("goes on where nobody reads it any more, and says that once", async () => {
    const dataDir = await seeded();
    await rm(join(dataDir, "url"));
    const mintro = startMintro({ dataDir });
    mintro.child.stdout?.destroy();
    const url = await eventually(() => readFile(join(dataDir, "url"), "utf8").catch(() => ""), 30_000);
    expect((await fetch(`${url.trim()}/readyz`)).status).toBe(200);
    await stopMintro(mintro);
    expect(complaints(mintro)).toBe("Nobody reads standard output any more: Mintro goes on without it.");
  });
});

test("the demo link leads to a checkout page that can be paid", async () => {
  const mintro = startMintro({ dataDir: join(await newScratch(), "data") });
  const { demoUrl, url } = await mintro.ready();
  const demo = await fetch(demoUrl, { redirect: "manual" });
  expect(demo.status).toBe(303);
  const paymentUrl = demo.headers.get("location") ?? "";
  expect(paymentUrl.startsWith(`${url}/pay/`)).toBe(true);
  const page = await fetch(paymentUrl);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect((await pay(paymentUrl)).status).toBe("succeeded");
});
