/**
 * The files of the embedded database: `postgres/` (the cluster) and `postgres-password` in the data folder. A
 * cluster is made under another name and renamed when it is whole, so that a start cut short leaves nothing half done.
 */
import {
  chown,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import type { World } from "../base/world.ts";
import { CannotStart, systemErrorCode } from "./cannot-start.ts";
import { lastLine, type Owner, type Postgres, runTool } from "./embedded-binaries.ts";
import { chownTree } from "./owner.ts";

const UNFINISHED = "postgres.new-";
const PASSWORD = /^[\w-]{32}$/;
const INITDB_TIMEOUT_MS = 120_000;

/** PostgreSQL listens on the loopback address alone, and nobody gets in without the password. */
const HBA = "host all all 127.0.0.1/32 scram-sha-256\n";

export function clusterFolder(dataDir: string): string {
  return join(dataDir, "postgres");
}

/** Who owns the cluster; undefined where there is none yet. Throws `CannotStart` if this user may not use it. */
export async function clusterOwner(dataDir: string): Promise<Owner | undefined> {
  const cluster = clusterFolder(dataDir);
  const found = await stat(cluster).catch((error: unknown) => {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw new CannotStart(`The database in ${cluster} cannot be read (${systemErrorCode(error)}).`);
  });
  if (!found) return undefined;
  const me = process.geteuid?.();
  if (me !== 0 && found.uid !== me) {
    throw new CannotStart(
      `The database in ${cluster} belongs to user ${found.uid}, this is user ${me}: start Mintro as that user, or set MINTRO_DATA_DIR to another folder.`,
    );
  }
  return { uid: found.uid, gid: found.gid };
}

/** The database's password, as kept in the data folder; undefined where there is none. */
export async function readPassword(dataDir: string): Promise<string | undefined> {
  const text = await readFile(join(dataDir, "postgres-password"), "utf8").catch(() => "");
  return PASSWORD.test(text.trim()) ? text.trim() : undefined;
}

/**
 * Makes sure of a cluster that `postgres` can run, and answers its password. `durable: false` skips the wait for the
 * disk while making it (tests). Throws `CannotStart`.
 */
export async function prepareCluster(
  dataDir: string,
  postgres: Postgres,
  world: World,
  durable: boolean,
): Promise<string> {
  await removeUnfinished(dataDir);
  const existing = await clusterOwner(dataDir);
  if (!existing) return createCluster(dataDir, postgres, world, durable);
  await checkVersion(dataDir, postgres.major);
  if (postgres.runsAs && postgres.runsAs.uid !== existing.uid) {
    await chownTree(clusterFolder(dataDir), postgres.runsAs);
  }
  const password = await readPassword(dataDir);
  if (password) return password;
  throw new CannotStart(
    `The file ${join(dataDir, "postgres-password")} is missing or damaged: restore it from the backup of this folder, or set MINTRO_DATA_DIR to a new one.`,
  );
}

async function checkVersion(dataDir: string, major: string): Promise<void> {
  const cluster = clusterFolder(dataDir);
  const version = (await readFile(join(cluster, "PG_VERSION"), "utf8").catch(() => "")).trim();
  if (version === major) return;
  throw new CannotStart(
    version === ""
      ? `${cluster} holds no database (it has no file PG_VERSION): move it away, or set MINTRO_DATA_DIR to another folder.`
      : `The database in ${cluster} was made by PostgreSQL ${version}, this is ${major}: move the data over with pg_dump and psql, or set MINTRO_DATA_DIR to another folder.`,
  );
}

async function removeUnfinished(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(UNFINISHED))
      await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 10 });
  }
}

async function createCluster(
  dataDir: string,
  postgres: Postgres,
  world: World,
  durable: boolean,
): Promise<string> {
  const unfinished = await mkdtemp(join(dataDir, UNFINISHED));
  try {
    const password = world.random(24).toString("base64url");
    // Its own copy of the password, because initdb may run as a user who cannot read ours.
    const passwordFile = join(unfinished, "password");
    await writeFile(passwordFile, password, { mode: 0o600 });
    await mkdir(join(unfinished, "cluster"), { mode: 0o700 });
    if (postgres.runsAs) await chownTree(unfinished, postgres.runsAs);
    await runInitdb(postgres, join(unfinished, "cluster"), passwordFile, durable);
    await writePassword(dataDir, password);
    await rename(join(unfinished, "cluster"), clusterFolder(dataDir));
    if (durable) await flushFolder(dataDir);
    return password;
  } finally {
    await rm(unfinished, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function runInitdb(
  postgres: Postgres,
  folder: string,
  passwordFile: string,
  durable: boolean,
): Promise<void> {
  const args = ["-D", folder, "--username=mintro", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
  // Text is ordered by code point, the same on every machine, and upper and lower case know all of Unicode.
  args.push("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8");
  if (!durable) args.push("--no-sync");
  const made = await runTool(postgres.command("initdb", args), INITDB_TIMEOUT_MS);
  if (!made.ok) {
    const reason = made.output.split("\n").find((line) => /error:|FATAL:|PANIC:/.test(line));
    const locked = postgres.runsAs && /permission denied/i.test(made.output);
    if (/could not look up effective user ID/.test(made.output))
      throw new CannotStart(
        `User ${process.geteuid?.()} has no name here, and PostgreSQL makes no database without: start Mintro as a user of /etc/passwd, or set DATABASE_URL to a PostgreSQL.`,
      );
    const hint = locked
      ? `; it runs as user ${postgres.runsAs.uid}, who must be able to pass through every folder above: set MINTRO_DATA_DIR to such a folder`
      : "";
    throw new CannotStart(
      `PostgreSQL could not make its files in ${folder}: ${reason ?? lastLine(made.output)}${hint}.`,
    );
  }
  const hba = join(folder, "pg_hba.conf");
  await writeFile(hba, HBA);
  if (postgres.runsAs) await chown(hba, postgres.runsAs.uid, postgres.runsAs.gid);
}

async function writePassword(dataDir: string, password: string): Promise<void> {
  const path = join(dataDir, "postgres-password");
  await rm(path, { force: true });
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(`${password}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename survives a power cut only once the folder that holds the name is on disk. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
