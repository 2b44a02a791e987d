/** What the server logs through: pino, with whatever could be a secret or a card cut out. */
import { type DestinationStream, type Logger, pino } from "pino";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** Field names whose values never reach a line, at the top or one or two levels down. */
const SECRET_FIELDS = [
  "secret",
  "client_secret",
  "clientSecret",
  "authorization",
  "cookie",
  "number",
  "cvc",
  "card",
  "password",
  "token",
  "x-client-secret",
];

/** Writes JSON lines to standard output, or `to` where a test listens. */
export function createLog(level: string, to: DestinationStream = pino.destination(1)): Logger {
  const quoted = SECRET_FIELDS.map((field) => (field.includes("-") ? `["${field}"]` : field));
  const dotted = (prefix: string, field: string) =>
    field.startsWith("[") ? `${prefix}${field}` : `${prefix}.${field}`;
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: quoted.flatMap((field) => [field, dotted("*", field), dotted("*.*", field)]),
      censor: "[redacted]",
    },
    serializers: { err: showError },
  };
  return pino(options, to);
}

/** Of an error only what helps to find it: drivers hang connections, and rows with customers' data, on theirs. */
function showError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...("code" in error && { code: String(error.code) }),
    ...("constraint" in error && typeof error.constraint === "string" && { constraint: error.constraint }),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: showError(error.cause) }),
  };
}
