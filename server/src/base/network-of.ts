/**
 * Whose requests are counted together: those of an address, or of an IPv6 network of 64 bits, which providers give to one
 * customer (RFC 6177), so that nobody gets a new share with each of its 2^64 addresses.
 */
import { isIP } from "node:net";
import { addressRefusal, v6Bits } from "./address-guard.ts";

const MAPPED = 0xffffn; // ::ffff:0:0/96, RFC 4291 section 2.5.5.2

/** Null for this machine itself. What is no address counts as what it is. */
export function networkOf(ip: string): string | null {
  const address = ip.split("%", 1)[0] ?? "";
  if (addressRefusal(address) === "loopback") return null;
  if (isIP(address) !== 6) return address;
  const bits = v6Bits(address);
  if (bits >> 32n === MAPPED) return showV4(bits & 0xffff_ffffn);
  return `${(bits >> 64n).toString(16)}::/64`;
}

function showV4(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join(".");
}
