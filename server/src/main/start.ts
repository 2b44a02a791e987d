/**
 * `npm start`: the whole platform on one port, until SIGTERM or SIGINT. What keeps it from starting is one line on standard
 * error and exit code 1; whatever is told to people goes to standard output, the log to it as JSON lines.
 */
import { join, resolve } from "node:path";
import { HTTP } from "../base/limits.ts";
import { createLog } from "../base/log.ts";
import { realWorld } from "../base/world.ts";
import { newClientId, newClientSecret } from "../flows/clients/create.ts";
import { DatabaseTooOld, SchemaMismatch } from "../store/migrate.ts";
import { CannotStart, systemErrorCode } from "./cannot-start.ts";
import { type Config, readConfig } from "./config.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { keepFile, writeKept } from "./kept-files.ts";
import { welcome } from "./welcome.ts";
import { type Running, run, type Wiring } from "./wire.ts";

export async function main(): Promise<void> {
  let stop: (() => Promise<void>) | null = null;
  let asked = false;
  const onSignal = () => {
    if (asked) return; // npm forwards what the terminal has sent already
    asked = true;
    if (stop) void stop();
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  try {
    const config = readConfig(process.env);
    stop = await start(config);
    if (asked) await stop();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
    process.off("SIGTERM", onSignal);
    process.off("SIGINT", onSignal);
  }
}

/** Starts everything, says so, and gives back how to stop it. */
async function start(config: Config): Promise<() => Promise<void>> {
  const log = createLog(config.logLevel);
  const dataDir = resolve(config.dataDir);
  const embedded =
    config.databaseUrl === null
      ? await startEmbeddedPostgres({ dataDir, log: (line) => log.debug({ postgres: line }, "postgres") })
      : null;
  let running: Running;
  let kept: Kept;
  try {
    kept = await keep(config, dataDir);
    running = await run(wiringOf(config, kept, config.databaseUrl ?? embedded?.url ?? "", log));
    if (running.webhookSecret) await writeKept(dataDir, "webhook-secret", running.webhookSecret);
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
  process.stdout.write(
    welcome({
      publicUrl: running.publicUrl,
      clientId: kept.clientId,
      newSecret: kept.secretIsNew ? kept.clientSecret : null,
      secretFile: join(dataDir, "client-secret"),
      webhook:
        config.webhookUrl === null
          ? null
          : { url: config.webhookUrl, secretFile: join(dataDir, "webhook-secret") },
    }),
  );
  let stopped: Promise<void> | null = null;
  const stop = () => (stopped ??= stopAll(running, embedded, log));
  void embedded?.exited.then(({ code, signal }) => {
    if (stopped) return;
    log.error({ code, signal }, "the embedded PostgreSQL ended unexpectedly; Mintro stops, start it again");
    process.exitCode = 1;
    void stop();
  });
  return stop;
}

async function stopAll(
  running: Running,
  embedded: EmbeddedPostgres | null,
  log: ReturnType<typeof createLog>,
): Promise<void> {
  log.info("stopping: finishing what runs");
  const tooLong = AbortSignal.timeout(HTTP.shutdownMs);
  const waited = new Promise<"late">((done) => tooLong.addEventListener("abort", () => done("late")));
  const ended = await Promise.race([running.stop(), waited]).catch((error: unknown) => {
    log.error({ err: error }, "stopping met an error");
  });
  if (ended === "late") log.warn("some work did not end in time; it will be found again at the next start");
  await embedded?.stop();
  process.stdout.write("Mintro has stopped.\n");
  process.exit(process.exitCode ?? 0);
}

type Kept = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly secretIsNew: boolean;
  readonly secretKey: Buffer;
};

/** The credentials and the key: those given, else those kept in the data folder, else new ones, kept from then on. */
async function keep(config: Config, dataDir: string): Promise<Kept> {
  const world = realWorld();
  const clientId =
    config.clientId ?? (await keepFile(dataDir, "client-id", () => newClientId(world, "test"))).text;
  const secret = config.clientSecret
    ? { text: config.clientSecret, made: false }
    : await keepFile(dataDir, "client-secret", () => newClientSecret(world));
  if (config.clientSecret) await writeKept(dataDir, "client-secret", config.clientSecret);
  const secretKey =
    config.secretKey ??
    Buffer.from(
      (await keepFile(dataDir, "secret-key", () => world.random(32).toString("base64"))).text,
      "base64",
    );
  if (secretKey.length !== 32)
    throw new CannotStart(`${join(dataDir, "secret-key")} is damaged: it must hold 32 bytes in base64.`);
  return { clientId, clientSecret: secret.text, secretIsNew: secret.made, secretKey };
}

function wiringOf(config: Config, kept: Kept, databaseUrl: string, log: Wiring["log"]): Wiring {
  return {
    databaseUrl,
    log,
    port: config.port,
    host: config.host,
    publicUrl: config.publicUrl,
    secretKey: kept.secretKey,
    client: { clientId: kept.clientId, clientSecret: kept.clientSecret },
    webhook: config.webhookUrl === null ? null : { url: config.webhookUrl, secret: config.webhookSecret },
    allowPrivateWebhooks: config.allowPrivateWebhooks,
    allowedOrigins: config.allowedOrigins,
    rateLimit: config.rateLimit,
    trustedProxies: config.trustedProxies,
  };
}

/** One line for what an operator can mend; the stack for what is a bug of ours. */
function explain(error: unknown): string {
  if (error instanceof CannotStart || error instanceof DatabaseTooOld || error instanceof SchemaMismatch)
    return error.message;
  if (!(error instanceof Error)) return String(error);
  const code = systemErrorCode(error);
  if (code === "EADDRINUSE") {
    return `PORT is ${process.env["PORT"] ?? 3000}: something else listens there already. Stop it, or set PORT to a free port.`;
  }
  if (code === "EACCES")
    return `PORT is ${process.env["PORT"] ?? 3000}: this user may not listen there. Set PORT to one above 1023.`;
  if (code === "EADDRNOTAVAIL")
    return `HOST is ${process.env["HOST"] ?? "127.0.0.1"}: this machine has no such address.`;
  if (isDatabaseError(error, code)) {
    return `DATABASE_URL: the database cannot be used (${oneLine(error.message || code || "no answer")}). Check that it runs, and its address, user, password and database name.`;
  }
  return error.stack ?? error.message;
}

function isDatabaseError(error: Error, code: string | undefined): boolean {
  if (code && /^(08|28|3D|42501|53|57)/.test(code)) return true;
  if (code && /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/.test(code))
    return true;
  return /timeout expired|Connection terminated/.test(error.message);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
