/**
 * What is kept of a receiver's answer. It comes from a stranger and ends in our database, logs and pages, so it is
 * cut, made valid UTF-8 and stripped of everything that does not print.
 */
import type { World } from "../../base/world.ts";

const UNPRINTABLE = /[^\P{C}\n\t]/gu;

/**
 * The first bytes of a body as text of at most `maxBytes` bytes of UTF-8, without U+0000, control or direction
 * characters. What is not UTF-8 (an image, a compressed page) shows as U+FFFD; a character cut in half is left out.
 */
export function printableStart(bytes: Uint8Array, maxBytes: number): string {
  // `stream` keeps back an unfinished character instead of turning it into U+FFFD.
  const text = new TextDecoder("utf-8").decode(bytes, { stream: true });
  return cutToBytes(printable(text), maxBytes);
}

/** A sentence on one line of at most `maxChars`, for texts that may hold words of a stranger. */
export function printableLine(text: string, maxChars: number): string {
  return printable(text).replaceAll(/\s+/g, " ").trim().slice(0, maxChars).toWellFormed();
}

/**
 * Milliseconds that a `Retry-After` asks for: whole seconds, or an HTTP date in one of its three forms (RFC 9110
 * sections 10.2.3 and 5.6.7) counted from now. 0 for a date that has passed; null where there is none or it is
 * unreadable.
 */
export function retryAfterMs(header: string | string[] | undefined, world: World): number | null {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? "";
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  if (!HTTP_DATE.test(text)) return null;
  const at = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : Math.max(0, at - Number(world.now() / 1000n));
}

const HTTP_DATE =
  /^(?:[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d [\d:]{8} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4})$/;

function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(UNPRINTABLE, "\uFFFD");
}

function cutToBytes(text: string, maxBytes: number): string {
  // encodeInto stops before a character that no longer fits, and counts what it read.
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(maxBytes)).read);
}
