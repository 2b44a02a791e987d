/** DATABASE_URL's sslmode against a PostgreSQL that speaks TLS with a certificate of its own, and one that speaks none. */
import { chmod, chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scratchParent } from "../../test/support/scratch.ts";
import { selfSigned } from "../../test/support/self-signed.ts";
import { auditDatabase } from "../audit/audit.ts";
import { sql } from "../store/sql.ts";
import { borrowDatabase } from "./borrow-database.ts";
import { readDatabaseConfig } from "./config.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { databaseRefusal } from "./refusals.ts";

let folder: string;
let encrypted: EmbeddedPostgres;
let plain: EmbeddedPostgres;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(await scratchParent(), "mintro-tls-"));
  await chmod(folder, 0o711);
  const { cert, key } = selfSigned(["localhost"]);
  await writeFile(file("server.pem"), cert);
  await writeFile(file("server.key"), key, { mode: 0o600 });
  await writeFile(file("other.pem"), selfSigned(["localhost"]).cert);
  await writeFile(file("none.pem"), "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n");
  const options = { durable: false, settings: { fsync: "off" } };
  plain = await startEmbeddedPostgres({ ...options, dataDir: file("plain") });
  // Whoever PostgreSQL runs as here has to own the key.
  const { uid, gid } = await stat(file("plain/postgres"));
  await chown(file("server.key"), uid, gid);
  encrypted = await startEmbeddedPostgres({
    ...options,
    dataDir: file("encrypted"),
    settings: {
      ...options.settings,
      ssl: "on",
      ssl_cert_file: file("server.pem"),
      ssl_key_file: file("server.key"),
    },
  });
}, 60_000);

afterAll(async () => {
  await Promise.all([encrypted?.stop(), plain?.stop()]);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Whether this connection is encrypted, or the line that says why there is none. */
async function outcome(server: EmbeddedPostgres, query: string, host = "localhost"): Promise<unknown> {
  const url = `${server.url.replace("127.0.0.1", host)}?${query.replaceAll("FOLDER", encodeURIComponent(folder))}`;
  const env = { DATABASE_URL: url };
  return await borrowDatabase({ env }, (db) =>
    db.query<{ ssl: boolean }>(sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`),
  ).then(
    (rows) => rows[0]?.ssl,
    (error: Error) => {
      expect(error.name).toBe("CannotStart");
      expect(error.message).not.toContain("\n");
      return error.message;
    },
  );
}

const ROOT = "sslrootcert=FOLDER%2Fserver.pem";

test("each sslmode means what it means to libpq, and the driver warns of none", async () => {
  const warnings: string[] = [];
  const noted = (warning: Error) => warnings.push(warning.message);
  process.on("warning", noted);
  expect(await outcome(encrypted, "sslmode=disable")).toBe(false);
  expect(await outcome(encrypted, "sslmode=require")).toBe(true);
  // With an authority named, libpq's require checks as verify-ca does: the certificate, not the host.
  expect(await outcome(encrypted, `sslmode=require&${ROOT}`, "127.0.0.1")).toBe(true);
  expect(await outcome(encrypted, `sslmode=verify-ca&${ROOT}`, "127.0.0.1")).toBe(true);
  expect(await outcome(encrypted, `sslmode=verify-full&${ROOT}`)).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", noted);
  expect(warnings).toEqual([]);
});

test.each([
  ["sslmode=verify-full", /its certificate cannot be trusted \(.*\): name the file .* with sslrootcert/],
  ["sslmode=verify-ca&sslrootcert=FOLDER%2Fother.pem", /its certificate cannot be trusted/],
  ["sslmode=require&sslrootcert=FOLDER%2Fother.pem", /its certificate cannot be trusted/],
  [
    "sslmode=verify-full&sslrootcert=FOLDER%2Fmissing.pem",
    /certificate's file cannot be read \(.*missing\.pem/,
  ],
  ["sslmode=verify-full&sslrootcert=FOLDER%2Fnone.pem", /certificate/],
])("%s that finds another certificate says so in one line", async (query, said) => {
  expect(await outcome(encrypted, query)).toMatch(said);
});

test("verify-full refuses a certificate for another host", async () => {
  expect(await outcome(encrypted, `sslmode=verify-full&${ROOT}`, "127.0.0.1")).toMatch(
    /its certificate is another host's \(.*\): give the host that the certificate names/,
  );
});

test("a server without TLS is not spoken to in the clear where that was not asked for", async () => {
  expect(await outcome(plain, "sslmode=require")).toMatch(
    /it takes no encrypted connections: switch TLS on there/,
  );
  expect(await outcome(plain, "sslmode=disable")).toBe(false);
});

test("a server that lets nobody in unencrypted is told from a wrong password", async () => {
  const refused = Object.assign(
    new Error('no pg_hba.conf entry for host "10.0.0.1", user "mintro", database "mintro", no encryption'),
    { code: "28000" },
  );
  const told = databaseRefusal(refused, { url: "postgres://mintro@db/mintro", isOurs: false });
  expect(String(told)).toMatch(/lets nobody in unencrypted .*: add sslmode=verify-full to the address/);
});

test("the auditor's connection has the same meaning", async () => {
  const url = `${encrypted.url.replace("127.0.0.1", "localhost")}?sslmode=require`;
  const { databaseUrl } = readDatabaseConfig({ DATABASE_URL: url });
  expect(await auditDatabase(databaseUrl ?? "")).toEqual([]);
});
