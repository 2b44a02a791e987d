import type { LookupAddress } from "node:dns";
import { BlockList, connect, createServer } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressRefusal, guardedLookup, urlRefusal } from "./address-guard.ts";

const V4 = [
  ["0.0.0.0/8", "0.255.255.255", "1.0.0.0"],
  ["10.0.0.0/8", "10.255.255.255", "11.0.0.0"],
  ["100.64.0.0/10", "100.127.255.255", "100.128.0.0"],
  ["127.0.0.0/8", "127.255.255.255", "128.0.0.0"],
  ["169.254.0.0/16", "169.254.169.254", "169.255.0.0"],
  ["172.16.0.0/12", "172.31.255.255", "172.32.0.0"],
  ["192.0.0.0/24", "192.0.0.192", "192.0.1.0"],
  ["192.0.2.0/24", "192.0.2.255", "192.0.3.0"],
  ["192.88.99.0/24", "192.88.99.255", "192.88.100.0"],
  ["192.168.0.0/16", "192.168.255.255", "192.169.0.0"],
  ["198.18.0.0/15", "198.19.255.255", "198.20.0.0"],
  ["198.51.100.0/24", "198.51.100.255", "198.51.101.0"],
  ["203.0.113.0/24", "203.0.113.255", "203.0.114.0"],
  ["224.0.0.0/4", "239.255.255.255", "223.255.255.255"],
  ["240.0.0.0/4", "255.255.255.255", "223.0.0.0"],
] as const;

const V6 = [
  "::",
  "::1",
  "::7f00:1", // IPv4-compatible, deprecated
  "::ffff:0:127.0.0.1", // IPv4-translated (RFC 2765)
  "64:ff9b:1::808:808",
  "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
  "100::1",
  "100:0:0:1::1",
  "2001::1", // Teredo
  "2001:0:4136:e378:8000:63bf:3fff:fdd2",
  "2001:2::1",
  "2001:10::1",
  "2001:20::1",
  "2001:1ff:ffff::1",
  "2001:db8::1",
  "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
  "3fff::1",
  "3fff:fff:ffff::1",
  "5f00::1",
  "fc00::1",
  "fd00:ec2::254", // a cloud's metadata
  "fe80::1",
  "fe80::1%eth0",
  "febf::1",
  "fec0::1",
  "feff::1",
  "ff02::1",
  "4000::1",
  "fe00::1",
];

const isPublicAddress = (address: string): boolean => addressRefusal(address) === null;

describe("public addresses", () => {
  test.each(V4)(
    "%s is refused to its last address, and what lies beside it is not",
    (range, last, beside) => {
      expect(isPublicAddress(range.split("/")[0] ?? "")).toBe(false);
      expect(isPublicAddress(last)).toBe(false);
      expect(addressRefusal(beside)).toBeNull();
    },
  );

  test.each(V6)("%s is refused", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each([
    "8.8.8.8",
    "1.1.1.1",
    "2606:4700:4700::1111",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2a00::1",
    "3ffe::1",
  ])("%s is allowed", (address) => {
    expect(addressRefusal(address)).toBeNull();
  });

  test("an IPv4 address inside an IPv6 one is judged as itself, however it is written", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        const kind = addressRefusal(address);
        for (const carrier of [
          `::ffff:${address}`,
          `::FFFF:${hex}`,
          `0:0:0:0:0:ffff:${hex}`,
          `64:ff9b::${address}`,
          `2002:${hex}::1`,
          `2002:${hex}:ffff::`,
        ]) {
          expect([carrier, addressRefusal(carrier)]).toEqual([carrier, kind]);
        }
      }),
    );
  });

  test("agrees with another implementation of subnets on every IPv4 address", () => {
    const others = new BlockList();
    for (const [range] of V4) {
      const [start = "", prefix = ""] = range.split("/");
      others.addSubnet(start, Number(prefix), "ipv4");
    }
    for (const as112 of ["192.31.196.0", "192.52.193.0", "192.175.48.0"]) others.addSubnet(as112, 24, "ipv4");
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublicAddress(address)).toBe(!others.check(address, "ipv4"));
      }),
      { numRuns: 2_000 },
    );
  });

  test("no IPv6 address outside of 2000::/3 is allowed, unless it carries a public IPv4 one", () => {
    const unicast = new BlockList();
    unicast.addSubnet("2000::", 3, "ipv6");
    unicast.addSubnet("64:ff9b::", 96, "ipv6");
    unicast.addSubnet("::ffff:0:0", 96, "ipv6");
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        if (!unicast.check(address, "ipv6")) expect(isPublicAddress(address)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test("what is no address is not a public one", () => {
    for (const text of ["", "localhost", "0x7f.1", "2130706433", "1.2.3", "[::1]", "::1::", "8.8.8.8:80"]) {
      expect(isPublicAddress(text)).toBe(false);
    }
  });
});

describe("a webhook's URL before its name is looked up", () => {
  test.each([
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://①②⑦.⓪.⓪.①/",
    "http://%31%32%37.0.0.1/",
    "http://0/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:a9fe:a9fe]/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[2002:a00:1::]/",
    "http://[fd00:ec2::254]/",
    "https://user:pass@10.0.0.1:8443/hook",
  ])("%s is refused as what it leads to", (url) => {
    expect(urlRefusal(new URL(url))).toMatch(/is a (loopback|private|link-local|unspecified) address$/);
  });

  test.each([
    "ftp://example.com/",
    "file:///etc/passwd",
    "data:text/plain,x",
    "ws://example.com/",
    "gopher://x/",
  ])("%s is refused for its scheme", (url) => {
    expect(urlRefusal(new URL(url))).toBe("only http and https are called");
  });

  test.each([
    "https://example.com/hook",
    "http://8.8.8.8/",
    "https://[2606:4700::1111]/",
    "http://localhost/",
  ])("%s passes; a name is judged when it is connected to", (url) => {
    expect(urlRefusal(new URL(url))).toBeNull();
  });
});

type Looked = { error: Error | null; address: string | LookupAddress[]; family: number | undefined };

function lookUp(addresses: readonly string[], all: boolean): Promise<Looked> {
  const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  const lookup = guardedLookup(() => Promise.resolve(found));
  return new Promise((resolve) => {
    lookup("receiver.example", { all }, (error, address, family) => resolve({ error, address, family }));
  });
}

describe("looking a name up for a connection", () => {
  test("public addresses are handed out as they were judged", async () => {
    expect(await lookUp(["8.8.8.8", "2606:4700::1111"], true)).toMatchObject({
      error: null,
      address: [
        { address: "8.8.8.8", family: 4 },
        { address: "2606:4700::1111", family: 6 },
      ],
    });
    expect(await lookUp(["8.8.8.8", "1.1.1.1"], false)).toMatchObject({ address: "8.8.8.8", family: 4 });
  });

  test.each([
    [["10.0.0.1"]],
    [["8.8.8.8", "10.0.0.1"]],
    [["10.0.0.1", "8.8.8.8"]],
    [["8.8.8.8", "::ffff:10.0.0.1"]],
  ])(
    "one private address among %j refuses the whole name, without showing the address",
    async (addresses) => {
      for (const all of [true, false]) {
        const { error } = await lookUp(addresses, all);
        expect(error).toMatchObject({ code: "MINTRO_ADDRESS_REFUSED" });
        expect(error?.message).toBe("the name leads to a private address");
      }
    },
  );

  test("a name without addresses is not found, and a failing lookup fails", async () => {
    expect((await lookUp([], true)).error).toMatchObject({ code: "ENOTFOUND" });
    const broken = guardedLookup(() => Promise.reject(Object.assign(new Error("no"), { code: "ESERVFAIL" })));
    const error = await new Promise((resolve) => broken("receiver.example", {}, resolve));
    expect(error).toMatchObject({ code: "ESERVFAIL" });
  });

  test("a connection looks up once, and is never made to an address that was refused", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    let lookups = 0;
    // The name answered with a public address when it was registered; now it answers with ours.
    const lookup = guardedLookup(() => {
      lookups += 1;
      return Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
    });
    const error = await new Promise((resolve) =>
      connect({ host: "rebinding.example", port, lookup }).on("error", resolve).on("connect", resolve),
    );
    expect(error).toMatchObject({ code: "MINTRO_ADDRESS_REFUSED" });
    expect({ lookups, connections }).toEqual({ lookups: 1, connections: 0 });
    await new Promise((resolve) => server.close(resolve));
  });
});
