/**
 * `npm start`: the whole platform on one port, or the part of it that MINTRO_ROLE names, until SIGTERM or SIGINT. What keeps
 * it from starting is one line on standard error and exit code 1; whatever is told to people goes to standard output, the
 * log to it as JSON lines.
 */
import { resolve } from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import packageJson from "../../package.json" with { type: "json" };
import { HTTP } from "../base/limits.ts";
import { createLog, type Log } from "../base/log.ts";
import { realWorld } from "../base/world.ts";
import { type Config, readConfig } from "./config.ts";
import {
  type Credentials,
  forgetNewSecret,
  keepCredentials,
  keepPair,
  keepUrl,
  keepWebhookSecret,
  replaceKeptPair,
} from "./credentials.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { KeptClientRevoked } from "./environment.ts";
import { explain } from "./refusals.ts";
import { unlessLocalhost } from "./unless-localhost.ts";
import { welcome } from "./welcome.ts";
import { type Base, type Running, run, type Wiring } from "./wire.ts";
import { work } from "./work.ts";

type Started = {
  readonly running: Pick<Running, "stop">;
  readonly embedded: EmbeddedPostgres | null;
  readonly log: Log;
};

/** `asked` aborts at SIGTERM or SIGINT, maybe before this begins. Ends the process. */
export async function main(asked: AbortSignal): Promise<void> {
  goOnWithoutOutput();
  onceAborted(asked, () => {
    // Whatever hangs, the process is gone in time, and the database ends with it.
    setTimeout(() => process.exit(process.exitCode ?? 0), HTTP.exitMs).unref();
  });
  try {
    // What was sent while the code was read is told in the event loop's next turn.
    await nextTurn();
    asked.throwIfAborted();
    onceAborted(asked, stopperOf(await start(readConfig(process.env), asked)));
  } catch (error) {
    if (asked.aborted) sayStopped();
    else process.stderr.write(`${explain(error)}\n`);
    process.exit(asked.aborted ? 0 : 1);
  }
}

/** Whoever read it may be gone (`npm start | head`); payments are not to stop for that. */
function goOnWithoutOutput(): void {
  process.stdout.once("error", () =>
    process.stderr.write("Nobody reads standard output any more: Mintro goes on without it.\n"),
  );
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
}

function onceAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
}

/** Starts everything and says so. When `asked` aborts before it is ready, or it fails, all is stopped, and it rejects. */
async function start(config: Config, asked: AbortSignal): Promise<Started> {
  const log = createLog(config.logLevel);
  if (config.role === "worker") return await startWork(config, log, asked);
  const dataDir = resolve(config.dataDir);
  const embedded =
    config.databaseUrl === null
      ? await startEmbeddedPostgres({ dataDir, log: (line) => log.debug({ postgres: line }, "postgres") })
      : null;
  let credentials: Credentials | null = null;
  try {
    asked.throwIfAborted();
    credentials = await keepCredentials(config, dataDir, realWorld());
    const databaseUrl = config.databaseUrl ?? embedded?.url ?? "";
    const runAs = (client: Credentials) =>
      unlessAborted(asked, run(wiringOf(config, client, databaseUrl, log)));
    let running: Running;
    let revokedId: string | null = null;
    try {
      running = await runAs(credentials);
    } catch (error) {
      if (!(error instanceof KeptClientRevoked)) throw error;
      revokedId = credentials.clientId;
      credentials = await replaceKeptPair(config, dataDir, realWorld(), credentials);
      running = await runAs(credentials);
    }
    const secretFile = await keepPair(dataDir, credentials);
    const webhookSecretFile = await keepWebhookSecret(config, dataDir, running.webhookSecret);
    await keepUrl(dataDir, running.publicUrl);
    await sayReady({ config, credentials, revokedId, secretFile, webhookSecretFile, running, log });
    return { running, embedded, log };
  } catch (error) {
    if (credentials && embedded) await forgetNewSecret(dataDir, credentials);
    await embedded?.stop();
    throw error;
  }
}

/** A worker alone keeps nothing in the data folder: config.ts has made sure that all it needs is given. */
async function startWork(config: Config, log: Log, asked: AbortSignal): Promise<Started> {
  const { databaseUrl, secretKey, previousSecretKeys, publicUrl } = config;
  if (databaseUrl === null || secretKey === null || publicUrl === null)
    throw new Error("Assertion failed: a worker has its database, key and public address");
  const running = await unlessAborted(
    asked,
    work({ ...baseOf(config, { secretKey, previousSecretKeys }, databaseUrl, log), publicUrl }),
  );
  log.info({ ...factsOf(config, running), port: running.port, public_url: publicUrl }, "Mintro is ready");
  const at = (await unlessLocalhost(config.host, running.port)) ?? `http://localhost:${running.port}`;
  process.stdout.write(`\n  Mintro's worker is ready, and says how it does at ${at}/readyz and /metrics\n\n`);
  return { running, embedded: null, log };
}

function factsOf(
  config: Config,
  { postgresVersion, migrations }: Pick<Running, "postgresVersion" | "migrations">,
): object {
  return {
    version: packageJson.version,
    role: config.role,
    node: process.versions.node,
    database: config.databaseUrl === null ? "embedded" : "external",
    postgres: postgresVersion,
    ...(migrations.length > 0 && { migrations }),
    host: config.host,
  };
}

async function sayReady(ready: {
  config: Config;
  credentials: Credentials;
  revokedId: string | null;
  secretFile: string | null;
  webhookSecretFile: string | null;
  running: Running;
  log: Log;
}): Promise<void> {
  const { config, credentials, running } = ready;
  const answersAt = config.publicUrl === null ? await unlessLocalhost(config.host, running.port) : null;
  process.stdout.write(
    welcome({
      publicUrl: running.publicUrl,
      clientId: credentials.clientId,
      revokedId: ready.revokedId,
      newSecret: credentials.secretIsNew ? credentials.clientSecret : null,
      secretFile: ready.secretFile,
      webhook:
        config.webhookUrl === null ? null : { url: config.webhookUrl, secretFile: ready.webhookSecretFile },
      answersAt,
    }),
  );
  // After what is for people: of the two, a terminal should begin with that.
  ready.log.info(
    { ...factsOf(config, running), port: running.port, public_url: running.publicUrl },
    "Mintro is ready",
  );
}

/** Stops the platform once, however often it is asked to; also when its database ends, or by a bug. */
function stopperOf({ running, embedded, log }: Started): () => void {
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= stopAll({ running, embedded, log });
  };
  const stopBroken = (details: object, text: string) => {
    if (stopping) return;
    log.error(details, text);
    process.exitCode = 1;
    stop();
  };
  void embedded?.exited.then(({ code, signal }) =>
    stopBroken(
      { code, signal },
      "the embedded PostgreSQL ended unexpectedly, so Mintro stops: start it again",
    ),
  );
  process.on("uncaughtException", (error) =>
    stopBroken({ err: error }, "a bug in Mintro, which stops for it: start it again, and report this line"),
  );
  return stop;
}

async function stopAll({ running, embedded, log }: Started): Promise<void> {
  log.info("stopping: what runs is finished first");
  const late = "late" as const;
  const ended = await Promise.race([running.stop(), sleep(HTTP.shutdownMs, late)]).catch((error: unknown) => {
    log.error({ err: error }, "stopping met an error");
  });
  if (ended === late) log.warn("some work did not end in time; it will be found again at the next start");
  await embedded?.stop();
  sayStopped();
  process.exit(process.exitCode ?? 0);
}

function sayStopped(): void {
  process.stdout.write("Mintro has stopped.\n");
}

/** What is left running behind is cut off by the process's end, which follows. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  return await Promise.race([work, aborted]);
}

function wiringOf(config: Config, credentials: Credentials, databaseUrl: string, log: Log): Wiring {
  return {
    ...baseOf(config, credentials, databaseUrl, log),
    role: config.role === "api" ? "api" : "both",
    client: {
      clientId: credentials.clientId,
      clientSecret: credentials.clientSecret,
      isKept: credentials.isKept,
    },
    webhook: config.webhookUrl === null ? null : { url: config.webhookUrl, secret: config.webhookSecret },
    allowedOrigins: config.allowedOrigins,
    rateLimit: config.rateLimit,
    trustedProxies: config.trustedProxies,
  };
}

function baseOf(
  config: Config,
  { secretKey, previousSecretKeys }: Pick<Base, "secretKey" | "previousSecretKeys">,
  databaseUrl: string,
  log: Log,
): Base {
  return {
    databaseUrl,
    databaseIsOurs: config.databaseUrl === null,
    log,
    port: config.port,
    host: config.host,
    publicUrl: config.publicUrl,
    secretKey,
    previousSecretKeys,
    allowPrivateWebhooks: config.allowPrivateWebhooks,
  };
}
