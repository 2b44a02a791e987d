import { createSocket } from "node:dgram";
import { afterEach, describe, expect, test } from "vitest";
import { resolveAsSystem, resolveInDns } from "./resolve-name.ts";

describe("resolving in DNS", () => {
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });

  /** A DNS server that knows one answer per type of record (1: A, 28: AAAA), or none at all. */
  async function dnsServer(records: ReadonlyMap<number, Buffer> | "silent"): Promise<string> {
    const socket = createSocket("udp4");
    stops.push(() => socket.close());
    socket.on("message", (question, from) => {
      if (records === "silent") return;
      const end = question.indexOf(0, 12) + 5;
      const type = question.readUInt16BE(end - 4);
      const data = records.get(type);
      const answer = Buffer.alloc(data ? 12 : 0);
      if (data) {
        answer.writeUInt16BE(0xc00c, 0); // the name of the question
        answer.writeUInt16BE(type, 2);
        answer.writeUInt16BE(1, 4);
        answer.writeUInt16BE(data.length, 10);
      }
      const header = Buffer.from(question.subarray(0, 12));
      header.writeUInt16BE(0x8180, 2);
      header.writeUInt16BE(data ? 1 : 0, 6);
      header.writeUInt32BE(0, 8);
      socket.send(
        Buffer.concat([header, question.subarray(12, end), answer, data ?? Buffer.alloc(0)]),
        from.port,
      );
    });
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    return `127.0.0.1:${socket.address().port}`;
  }

  test("all addresses of both families are found, IPv4 first", async () => {
    const v6 = Buffer.from("26064700000000000000000000001111", "hex");
    const both = await dnsServer(
      new Map([
        [1, Buffer.from([8, 8, 8, 8])],
        [28, v6],
      ]),
    );
    expect(await resolveInDns([both])("receiver.example")).toEqual([
      { address: "8.8.8.8", family: 4 },
      { address: "2606:4700::1111", family: 6 },
    ]);
    const onlyV6 = await dnsServer(new Map([[28, v6]]));
    expect(await resolveInDns([onlyV6])("receiver.example")).toEqual([
      { address: "2606:4700::1111", family: 6 },
    ]);
  });

  test("a name that has no address is not found", async () => {
    const empty = await dnsServer(new Map());
    await expect(resolveInDns([empty])("receiver.example")).rejects.toMatchObject({ code: "ENODATA" });
  });

  test("DNS servers that never answer cost a bounded time, and hold up no other lookup", {
    timeout: 15_000,
  }, async () => {
    const silent = resolveInDns([await dnsServer("silent")]);
    const good = resolveInDns([await dnsServer(new Map([[1, Buffer.from([8, 8, 8, 8])]]))]);
    const startedAt = performance.now();
    const hanging = Array.from({ length: 20 }, () =>
      silent("receiver.example").catch((error: unknown) => error),
    );
    expect(await good("receiver.example")).toEqual([{ address: "8.8.8.8", family: 4 }]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    for (const error of await Promise.all(hanging)) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^(ETIMEOUT|ECANCELLED)$/) });
    }
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });
});

test("the operator's own names are found as this machine finds them", async () => {
  expect(await resolveAsSystem("localhost")).toContainEqual({ address: "127.0.0.1", family: 4 });
});
