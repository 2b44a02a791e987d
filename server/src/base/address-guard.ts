/**
 * Which addresses the platform may call when somebody else chose the URL: only those of the public internet. Otherwise
 * a webhook could be pointed at our own database, at a cloud's metadata service or at the neighbours in our network
 * (server-side request forgery). A name is judged by the addresses that the connection is then made to, at the moment
 * it is made, so that a name which changes between check and connect gains nothing.
 */
import { isIP, type LookupFunction } from "node:net";
import { callbackify } from "node:util";
import type { ResolveName } from "./resolve-name.ts";

/** Says of an address what is wrong with it; null for one that may be called. */
export type JudgeAddress = (address: string) => string | null;

/** The code of a lookup's error whose addresses may not be called; its message is fit for the endpoint's owner. */
export const ADDRESS_REFUSED = "MINTRO_ADDRESS_REFUSED";

/** What kind of address it is, if not a public one (`private`, `loopback`, …); null for a public one. */
export function addressRefusal(ip: string): string | null {
  // A zone (`fe80::1%eth0`) names an interface of this machine; the address before it is judged.
  const address = ip.split("%", 1)[0] ?? "";
  switch (isIP(address)) {
    case 4:
      return refusalOfV4(v4Bits(address));
    case 6:
      return refusalOfV6(v6Bits(address));
    default:
      return "not an address";
  }
}

/**
 * A lookup for `net.connect` that resolves the name once and hands out exactly what it judged. One address that may
 * not be called refuses the whole name: a name with public and private addresses is either a mistake or an attempt to
 * slip one past us, and leaving some out would let the order of a DNS answer decide what happens.
 * The sentence names the kind of address but not the address, which would show our network's names to outsiders.
 */
export function guardedLookup(resolve: ResolveName, judge: JudgeAddress = addressRefusal): LookupFunction {
  const judged = callbackify(async (hostname: string) => {
    const addresses = await resolve(hostname);
    const refused = addresses.map(({ address }) => judge(address)).find((kind) => kind !== null);
    if (refused) throw coded(ADDRESS_REFUSED, `the name leads to a ${refused} address`);
    const [first, ...others] = addresses;
    if (!first) throw coded("ENOTFOUND", "the name has no address");
    return { first, others };
  });
  return (hostname, options, callback) => {
    judged(hostname, (error, found) => {
      if (error) callback(error, []);
      else if (options.all) callback(null, [found.first, ...found.others]);
      else callback(null, found.first.address, found.first.family);
    });
  };
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

type Range = { readonly start: bigint; readonly shift: bigint; readonly kind: string };

/** IANA's registry of IPv4 addresses with a special purpose (RFC 6890), those it calls reachable included, as no
 *  receiver lives there; multicast (RFC 5771); and 6to4's relays (RFC 7526). */
const V4_SPECIAL: readonly Range[] = [
  v4("0.0.0.0", 8, "unspecified"), // RFC 791: reaches this host on Linux
  v4("10.0.0.0", 8, "private"), // RFC 1918
  v4("100.64.0.0", 10, "shared"), // RFC 6598: carrier-grade NAT, and metadata of some clouds
  v4("127.0.0.0", 8, "loopback"), // RFC 1122
  v4("169.254.0.0", 16, "link-local"), // RFC 3927: metadata of most clouds
  v4("172.16.0.0", 12, "private"), // RFC 1918
  v4("192.0.0.0", 24, "reserved"), // RFC 6890: protocol assignments, metadata of some clouds
  v4("192.0.2.0", 24, "documentation"), // RFC 5737
  v4("192.31.196.0", 24, "reserved"), // RFC 7535: AS112
  v4("192.52.193.0", 24, "reserved"), // RFC 7450: AMT
  v4("192.88.99.0", 24, "reserved"), // RFC 7526: 6to4 relays, withdrawn
  v4("192.168.0.0", 16, "private"), // RFC 1918
  v4("192.175.48.0", 24, "reserved"), // RFC 7534: AS112
  v4("198.18.0.0", 15, "benchmarking"), // RFC 2544
  v4("198.51.100.0", 24, "documentation"), // RFC 5737
  v4("203.0.113.0", 24, "documentation"), // RFC 5737
  v4("224.0.0.0", 4, "multicast"), // RFC 5771
  v4("240.0.0.0", 4, "reserved"), // RFC 1112, with 255.255.255.255 (RFC 919)
];

/** IPv6 addresses that carry an IPv4 address, at which a packet ends up: that one is judged. */
const V6_WITH_V4: readonly (Range & { readonly v4Shift: bigint })[] = [
  { ...v6("::ffff:0:0", 96, "IPv4-mapped"), v4Shift: 0n }, // RFC 4291 section 2.5.5.2
  { ...v6("64:ff9b::", 96, "NAT64"), v4Shift: 0n }, // RFC 6052: public names look so in networks with DNS64
  { ...v6("2002::", 16, "6to4"), v4Shift: 80n }, // RFC 3056
];

/** IANA's registry of IPv6 addresses with a special purpose, and the other ranges of RFC 4291. The last rule, that
 *  only 2000::/3 is given out at all, would refuse most of them too; they stand here for their names. */
const V6_SPECIAL: readonly Range[] = [
  v6("::", 128, "unspecified"), // RFC 4291
  v6("::1", 128, "loopback"), // RFC 4291
  v6("64:ff9b:1::", 48, "private"), // RFC 8215: NAT64 within one network
  v6("100::", 64, "discard-only"), // RFC 6666
  v6("2001::", 23, "reserved"), // RFC 2928: Teredo (RFC 4380), benchmarking (RFC 5180), ORCHID (RFC 7343) and more
  v6("2001:db8::", 32, "documentation"), // RFC 3849
  v6("2620:4f:8000::", 48, "reserved"), // RFC 7534: AS112
  v6("3fff::", 20, "documentation"), // RFC 9637
  v6("5f00::", 16, "reserved"), // RFC 9602: segment routing
  v6("fc00::", 7, "private"), // RFC 4193: metadata of some clouds too
  v6("fe80::", 10, "link-local"), // RFC 4291
  v6("fec0::", 10, "private"), // RFC 3879: site-local, given up
  v6("ff00::", 8, "multicast"), // RFC 4291
];

const V6_GLOBAL_UNICAST = v6("2000::", 3, "public"); // RFC 4291 section 2.4, IANA's IPv6 address space

function refusalOfV4(bits: bigint): string | null {
  return V4_SPECIAL.find((range) => within(range, bits))?.kind ?? null;
}

function refusalOfV6(bits: bigint): string | null {
  const carrier = V6_WITH_V4.find((range) => within(range, bits));
  if (carrier) return refusalOfV4((bits >> carrier.v4Shift) & 0xffff_ffffn);
  const special = V6_SPECIAL.find((range) => within(range, bits));
  if (special) return special.kind;
  return within(V6_GLOBAL_UNICAST, bits) ? null : "reserved";
}

function within(range: Range, bits: bigint): boolean {
  return bits >> range.shift === range.start >> range.shift;
}

function v4(start: string, prefix: number, kind: string): Range {
  return { start: v4Bits(start), shift: 32n - BigInt(prefix), kind };
}

function v6(start: string, prefix: number, kind: string): Range {
  return { start: v6Bits(start), shift: 128n - BigInt(prefix), kind };
}

/** Four decimal numbers to 32 bits; only for what `isIP` called 4. */
function v4Bits(address: string): bigint {
  return address.split(".").reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

/** To 128 bits; only for what `isIP` called 6. `::` stands for as many zero groups as are missing. */
export function v6Bits(address: string): bigint {
  const [head = "", tail] = address.split("::");
  const front = groups(head);
  const back = groups(tail ?? "");
  const missing = 8 - front.length - back.length;
  const all = [...front, ...Array<bigint>(missing).fill(0n), ...back];
  return all.reduce((bits, group) => (bits << 16n) | group, 0n);
}

function groups(part: string): bigint[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    if (!group.includes(".")) return [BigInt(`0x${group}`)];
    const bits = v4Bits(group);
    return [bits >> 16n, bits & 0xffffn];
  });
}

/**
 * What can be said about a URL before its name is looked up: null where it may be called, else a sentence without the
 * URL. Parsing by the WHATWG standard has already turned decimal, octal, hexadecimal and shortened IPv4 forms into
 * the usual one. A literal address is judged here, since no lookup happens for it.
 */
export function urlRefusal(url: URL, judge: JudgeAddress = addressRefusal): string | null {
  if (url.protocol !== "http:" && url.protocol !== "https:") return "only http and https are called";
  const literal = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  if (isIP(literal) === 0) return null;
  const kind = judge(literal);
  return kind === null ? null : `${literal} is a ${kind} address`;
}
