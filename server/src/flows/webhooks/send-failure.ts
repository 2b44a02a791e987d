/**
 * Why a try failed, in words for the endpoint's owner: short, and never the text of an error, which may hold our
 * addresses or words of a stranger.
 */
import { ADDRESS_REFUSED } from "../../base/address-guard.ts";
import { unreachable } from "../../base/assert.ts";
import { WEBHOOK_SENDING } from "../../base/limits.ts";
import { printableLine } from "./send-answer.ts";

/** How an exchange ended without a status. */
export type SendFailure =
  | { readonly kind: "timed_out"; readonly timeoutMs: number }
  | { readonly kind: "interrupted" }
  | { readonly kind: "not_allowed"; readonly sentence: string }
  | { readonly kind: "broken"; readonly error: unknown };

const INTERRUPTED = "interrupted: the platform is stopping";

/** The text for a failure; at most `WEBHOOK_SENDING.errorChars` characters on one line. */
export function failureText(failure: SendFailure): string {
  return printableLine(textOf(failure), WEBHOOK_SENDING.errorChars);
}

function textOf(failure: SendFailure): string {
  switch (failure.kind) {
    case "timed_out":
      return `timed out after ${failure.timeoutMs / 1000} s`;
    case "interrupted":
      return INTERRUPTED;
    case "not_allowed":
      return `address not allowed: ${failure.sentence}`;
    case "broken":
      return brokenText(failure.error);
    default:
      return unreachable(failure);
  }
}

/** Codes of Node (`errno`, DNS, TLS) and of undici. TLS codes without an entry fall under the general sentence. */
const TEXTS: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "connection closed before an answer"],
  ["EPIPE", "connection closed before an answer"],
  ["UND_ERR_SOCKET", "connection closed before an answer"],
  ["ETIMEDOUT", "timed out while connecting"],
  ["UND_ERR_CONNECT_TIMEOUT", "timed out while connecting"],
  ["EHOSTUNREACH", "host not reachable"],
  ["ENETUNREACH", "network not reachable"],
  ["EADDRNOTAVAIL", "network not reachable"],
  ["ENOTFOUND", "name not found"],
  ["ENODATA", "name not found"],
  ["EBADNAME", "name not found"],
  ["EAI_AGAIN", "name could not be looked up"],
  ["ETIMEOUT", "name could not be looked up in time"],
  ["ECANCELLED", "name could not be looked up in time"],
  ["ESERVFAIL", "name could not be looked up: its servers fail"],
  ["EREFUSED", "name could not be looked up: its servers refuse"],
  ["UND_ERR_HEADERS_OVERFLOW", "answer's headers too large"],
  ["UND_ERR_DESTROYED", INTERRUPTED],
  ["UND_ERR_CLOSED", INTERRUPTED],
  ["ERR_INVALID_URL", "URL not valid"],
  ["UND_ERR_INVALID_ARG", "request could not be written"],
  ["CERT_HAS_EXPIRED", "certificate has expired"],
  ["CERT_NOT_YET_VALID", "certificate is not valid yet"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate is for another name"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "certificate is self-signed"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "certificate chain ends in an unknown authority"],
  ["UNABLE_TO_GET_ISSUER_CERT", "certificate chain is incomplete"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "certificate chain is incomplete"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate chain is incomplete"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "TLS failed: the receiver does not speak TLS on this port"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "TLS failed: the receiver does not speak TLS on this port"],
]);

function brokenText(error: unknown): string {
  // undici's parser leaves its code out.
  if (error instanceof Error && error.name === "HTTPParserError") return "answer is not HTTP";
  const code = codeOf(error);
  if (code === undefined) return "could not be sent";
  if (code === ADDRESS_REFUSED && error instanceof Error) return `address not allowed: ${error.message}`;
  const known = TEXTS.get(code);
  if (known) return known;
  if (code === "EPROTO" || /SSL|TLS|CERT/.test(code)) return `TLS failed (${code})`;
  return `could not be sent (${code})`;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
