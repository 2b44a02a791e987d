/** A way to a database that can be taken away, as a network does it: refusing, cutting, or swallowing what is sent. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterThisTest } from "./mintro.ts";

export type Way = {
  readonly url: string;
  /** Connections are refused, and those that stand are cut. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Connections stand, and nothing comes through: what is sent is lost, and new ones get no answer. */
  hang(): void;
  /** New connections go through again; those that stood have lost what was sent meanwhile, and are told nothing. */
  goOn(): void;
};

export async function openWay(to: string): Promise<Way> {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  let isHanging = false;
  const forward = (from: Socket, on: Socket) => {
    sockets.add(from);
    from.on("data", (bytes) => isHanging || on.write(bytes));
    from
      .on("error", () => {})
      .on("close", () => {
        sockets.delete(from);
        on.destroy();
      });
  };
  const server = createServer((socket) => {
    if (isHanging) {
      // It stays so: its first bytes are lost.
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
      return void socket.resume();
    }
    const onward = connect(Number(target.port), target.hostname);
    forward(socket, onward);
    forward(onward, socket);
  });
  const up = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await up(0);
  const { port } = server.address() as AddressInfo;
  const down = async () => {
    isHanging = false;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  afterThisTest(down);
  const url = new URL(to);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    down,
    up: () => up(port),
    hang() {
      isHanging = true;
    },
    goOn() {
      isHanging = false;
    },
  };
}
