/**
 * Sends requests for bench/overload.ts, as a process of its own and with as little work as can be, since it shares the
 * machine with what it measures: plain sockets, requests put together from parts, answers read as far as their length.
 */
import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";

export type Order =
  | { readonly kind: "closed"; readonly seconds: number; readonly inFlight: number }
  | {
      readonly kind: "open";
      readonly seconds: number;
      readonly perSecond: number;
      readonly paymentsPerSecond: number;
    };

/** Times are milliseconds, from when the plan had a request until its answer was read. */
export type Report = {
  readonly seconds: number;
  readonly sent: number;
  readonly served: number;
  readonly refused: number;
  readonly otherwise: number;
  readonly cutOff: number;
  readonly unsent: number;
  readonly served50: number;
  readonly served99: number;
  readonly refused50: number;
  readonly refused99: number;
  readonly paymentsAsked: number;
  readonly paid: number;
  readonly paid50: number;
  readonly paid99: number;
  readonly connections: number;
  /** Served in each window of the time. */
  readonly windows: readonly number[];
  readonly windowSeconds: number;
};

const [port = "", secret = ""] = process.argv.slice(2);
const MOST_CONNECTIONS = 3_000;
const TICK_MS = 5;
const WINDOW_MS = 250;

type Answer = { readonly status: number; readonly body: string };
type Connection = { readonly socket: Socket; done: ((answer: Answer | null) => void) | null };

const idle: Connection[] = [];
let open = 0;
let mostOpen = 0;

function newConnection(): Connection {
  const socket = connect(Number(port), "127.0.0.1");
  const connection: Connection = { socket, done: null };
  let text = "";
  open++;
  mostOpen = Math.max(mostOpen, open);
  socket.setNoDelay(true);
  socket.on("data", (bytes) => {
    text += bytes.toString("latin1");
    const head = text.indexOf("\r\n\r\n");
    if (head === -1) return;
    const start = text.slice(0, head);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(start)?.[1] ?? 0);
    if (text.length < head + 4 + length) return;
    const answer = { status: Number(text.slice(9, 12)), body: text.slice(head + 4) };
    text = "";
    const { done } = connection;
    connection.done = null;
    if (/\r\nconnection: close/i.test(start)) socket.end();
    else idle.push(connection);
    done?.(answer);
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    open--;
    const at = idle.indexOf(connection);
    if (at !== -1) idle.splice(at, 1);
    connection.done?.(null);
  });
  return connection;
}

/** Null where too many connections are open already; the answer is null where the connection was lost. */
function request(
  path: string,
  headers: string,
  body: string,
  connectionsMost = MOST_CONNECTIONS,
): Promise<Answer | null> | null {
  const connection = idle.pop() ?? (open < connectionsMost ? newConnection() : null);
  if (!connection) return null;
  connection.socket.write(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return new Promise((resolve) => {
    connection.done = resolve;
  });
}

function createIntent(): Promise<Answer | null> | null {
  const id = randomUUID();
  return request(
    "/api/platform/intents",
    `x-client-id: bench\r\nx-client-secret: ${secret}\r\nidempotency-key: ${id}\r\n`,
    `{"amount":80,"currency":"USD","intent_type":"one_time","email":"${id}@example.com","name":"John Doe","reference_id":"${id}","integration_type":"iframe","order_items":[{"name":"Product 1","quantity":1,"price":50}]}`,
  );
}

const CARD = JSON.stringify({ name: "John Doe", number: "4242424242424242", expiry: "12/40", cvc: "123" });
const payable: string[] = [];

async function pay(): Promise<boolean> {
  const path = payable.pop();
  const answer = path === undefined ? null : await request(`${path}/pay`, "", CARD, 2 * MOST_CONNECTIONS);
  return answer?.status === 200 && answer.body.includes('"succeeded"');
}

function createTally() {
  const [served, refused, paid]: [number[], number[], number[]] = [[], [], []];
  const counts = { sent: 0, otherwise: 0, cutOff: 0, unsent: 0, paymentsAsked: 0 };
  const windows: number[] = [];
  const from = performance.now();
  mostOpen = open;
  return {
    async create(plannedAt: number): Promise<void> {
      const asked = createIntent();
      if (!asked) {
        counts.unsent++;
        return;
      }
      counts.sent++;
      const answer = await asked;
      const ms = performance.now() - plannedAt;
      if (answer === null) counts.cutOff++;
      else if (answer.status === 200) {
        served.push(ms);
        const window = Math.floor((performance.now() - from) / WINDOW_MS);
        windows[window] = (windows[window] ?? 0) + 1;
        if (payable.length < 2_000) payable.push(new URL(JSON.parse(answer.body).data.payment_url).pathname);
      } else if (answer.status === 503) refused.push(ms);
      else counts.otherwise++;
    },
    async pay(): Promise<void> {
      counts.paymentsAsked++;
      const askedAt = performance.now();
      if (await pay()) paid.push(performance.now() - askedAt);
    },
    report: (seconds: number): Report => ({
      seconds,
      ...counts,
      served: served.length,
      refused: refused.length,
      paid: paid.length,
      served50: quantile(served, 0.5),
      served99: quantile(served, 0.99),
      refused50: quantile(refused, 0.5),
      refused99: quantile(refused, 0.99),
      paid50: quantile(paid, 0.5),
      paid99: quantile(paid, 0.99),
      connections: mostOpen,
      windows: Array.from(windows, (count) => count ?? 0),
      windowSeconds: WINDOW_MS / 1_000,
    }),
  };
}

function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

async function closed(seconds: number, inFlight: number): Promise<Report> {
  const tally = createTally();
  const until = performance.now() + seconds * 1_000;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < until) await tally.create(performance.now());
    }),
  );
  return tally.report(seconds);
}

/** Late ticks catch up: what the plan had is sent, and its time counts from then. */
async function openLoop(order: Order & { kind: "open" }): Promise<Report> {
  const tally = createTally();
  const from = performance.now();
  const under: Promise<void>[] = [];
  let [planned, payments] = [0, 0];
  while (performance.now() - from < order.seconds * 1_000) {
    const passed = (performance.now() - from) / 1_000;
    for (; planned < passed * order.perSecond; planned++)
      under.push(tally.create(from + (planned / order.perSecond) * 1_000));
    for (; payments < passed * order.paymentsPerSecond; payments++) under.push(tally.pay());
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  const report = tally.report(order.seconds);
  await Promise.all(under);
  const end = tally.report(order.seconds);
  // What is served after the time is no goodput of the flood, but its answer's time counts.
  return { ...end, served: report.served };
}

process.on("message", (order: Order) => {
  const done = order.kind === "closed" ? closed(order.seconds, order.inFlight) : openLoop(order);
  void done.then((report) => process.send?.(report));
});
