/**
 * What the system or the database said when the start failed, turned into one line for the operator that names the variable
 * and says what to do. What no operator can mend stays the error that it was, and shows its stack.
 */
import { DATABASE } from "../base/limits.ts";
import { DatabaseUnavailable } from "../store/database.ts";
import { DatabaseTooOld, SchemaMismatch } from "../store/migrate.ts";
import { CannotStart, systemErrorCode } from "./cannot-start.ts";
import { withoutSecrets } from "./database-url.ts";

/** One line for what an operator can mend; the stack for what is a bug of ours. */
export function explain(error: unknown): string {
  if (error instanceof CannotStart) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Why nobody can listen on this address; the error itself where it says something else. */
export function listenRefusal(error: unknown, at: { host: string; port: number }): unknown {
  const code = systemErrorCode(error);
  const because = (text: string) => new CannotStart(text, { cause: error });
  if (code === "EADDRINUSE")
    return because(
      `PORT is ${at.port}: something else listens there already (on ${at.host}): stop that, or set PORT to a free port.`,
    );
  if (code === "EACCES" || code === "EPERM")
    return because(`PORT is ${at.port}: this user may not listen there: set PORT to one above 1023.`);
  if (code !== undefined && /^(EADDRNOTAVAIL|ENOTFOUND|EAI_|EINVAL|EAFNOSUPPORT|ENODEV)/.test(code))
    return because(
      `HOST is "${at.host}": this machine has no such address (${code}): set HOST to one of its own, such as 127.0.0.1, or 0.0.0.0 for all.`,
    );
  return error;
}

/** Why this database cannot be used; the error itself where it is no refusal of the database or the way to it. */
export function databaseRefusal(error: unknown, database: { url: string; isOurs: boolean }): unknown {
  if (error instanceof CannotStart || !(error instanceof Error)) return error;
  const cause = error instanceof DatabaseUnavailable && error.cause instanceof Error ? error.cause : error;
  const subject = database.isOurs
    ? "The embedded PostgreSQL"
    : `DATABASE_URL is "${withoutSecrets(database.url)}"`;
  if (error instanceof DatabaseTooOld || error instanceof SchemaMismatch)
    return new CannotStart(`${subject}: ${error.message}`, { cause: error });
  const text = refusalText(systemErrorCode(cause) ?? "", cause.message);
  return text === null ? error : new CannotStart(`${subject}: ${text}`, { cause: error });
}

/** SQLSTATEs that are about the way in, the user's rights or the server's state, not about a statement of ours. */
const OPERATORS = /^(08|25006|28|3D|42501|53|55000|57)/;

function refusalText(code: string, message: string): string | null {
  // Node's own advice, for who starts Node by hand, would hide ours.
  const heard = message.replace(/; if the root CA .*$/s, "");
  const said = heard.replaceAll(/\s+/g, " ").trim() || code || "no answer";
  switch (code) {
    case "ENOENT":
    case "EACCES":
      if (!/, open '/.test(message)) break; // else: the socket of a server on this machine
      return `a certificate's file cannot be read (${said}): correct sslrootcert, sslcert or sslkey.`;
    case "ECONNREFUSED":
      return `nothing answers at that address (${said}): start the database, or correct its host and port.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `its host is not known (${said}): correct the name.`;
    case "28P01":
    case "28000":
      if (/no encryption/.test(message))
        return `the database lets nobody in unencrypted (${said}): add sslmode=verify-full to the address.`;
      return `the database does not let this user in (${said}): correct user and password.`;
    case "3D000":
      return `there is no such database (${said}): create it, or correct the name.`;
    case "42501":
      return `this user lacks a right (${said}): make it the owner of the database.`;
    case "25006":
      return `the database can only be read (${said}): give the primary's address.`;
  }
  if (/^[0-9A-Z]{5}$/.test(code) && !OPERATORS.test(code) && !/^E[A-Z]+$/.test(code)) return null;
  if (/does not support SSL/.test(message))
    return "it takes no encrypted connections: switch TLS on there, or give sslmode=disable.";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `its certificate is another host's (${said}): give the host that the certificate names.`;
  if (/^ERR_OSSL_|PEM/.test(code) || /PEM/.test(message))
    return `a certificate's file is not one (${said}): correct sslrootcert, sslcert or sslkey.`;
  if (/CERT|ISSUER|SIGNATURE/.test(code))
    return `its certificate cannot be trusted (${said}): name the file of the authority's certificate with sslrootcert, or encrypt without checking with sslmode=require.`;
  if (/password must be a string/.test(message))
    return "the database asks for a password, and the address holds none: add it.";
  if (/timeout expired|ETIMEDOUT/.test(`${message} ${code}`))
    return `it did not answer within ${DATABASE.connectTimeoutMs / 1_000} s: check that it runs, its host and port.`;
  return `the database cannot be used (${said}): check that it runs, and its address, user, password and name.`;
}
