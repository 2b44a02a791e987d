/**
 * Every limit of the platform, one object per topic, so that they can be read side by side: a limit is right only
 * beside the others it meets (a try must end before its lease does, a kept answer must fit its column).
 */
import { REQUEST_LIMITS } from "@mintro/contract/vocabulary";

/** One try of a webhook delivery, seen from the network (contract section 5). Tries that follow: domain/retry-schedule.ts. */
export const WEBHOOK_SENDING = {
  /** From looking the name up to the answer's start, all in all: the contract's 15 s. */
  timeoutMs: 15_000,
  /** How much of an answer's body is read and kept; what is longer is cut and its connection dropped. */
  answerBytes: 1_024,
  /** All header fields of an answer together; more is a failed try. */
  answerHeaderBytes: 16_384,
  /** The sentence that says why a try failed. */
  errorChars: 200,
  /** Looking a name up in DNS, all servers and repeats together. */
  resolveMs: 6_000,
  /** One question to one DNS server before it is repeated. */
  resolveQuestionMs: 2_000,
  /** With several addresses: how long one may take to connect before the next is tried beside it. */
  addressAttemptMs: 1_000,
  /** An idle connection is closed after this. Shorter than the 5 s that Node and Apache servers keep theirs, since a
   *  request that meets a closing connection is a failed try. */
  idleConnectionMs: 4_000,
  /** A connection serves no new try after this, so that a name that moved is looked up again. */
  connectionAgeMs: 60_000,
} as const;

/** What a receiver may ask for with Retry-After: not more than the longest step of the schedule. */
export const WEBHOOK_RETRY_AFTER_MAX_MS = 86_400_000;

/** Webhook endpoints and their secrets (contract section 6). */
export const ENDPOINTS = {
  /** In one account: each event is written once for each of them. */
  most: 16,
  /** How long a secret that was rotated away signs too. Wall time. */
  overlapMs: 24 * 3_600_000,
  /** Secrets of one endpoint that sign at a time: as many signatures has a webhook. */
  secrets: 5,
  /** Deliveries that one replay sends again; more are left to the next. */
  replayed: 5_000,
  /** Tries shown of one delivery: the newest. */
  triesShown: 50,
} as const;

/** Clients by API (contract section 6). Wall time. */
export const CLIENTS = {
  /** In one account, without those that are revoked. */
  most: 100,
  /** How long the secret before a rotation opens too. */
  overlapMs: 24 * 3_600_000,
  /** A use is noted when the last one noted is older. */
  useNotedEveryMs: 60_000,
} as const;

/** The database, seen from one process. */
export const DATABASE = {
  poolSize: 16,
  connectTimeoutMs: 5_000,
  /** No statement of the platform comes near this; one that does is given up. Longer than the longest wait for a key. */
  queryTimeoutMs: 45_000,
  /** Waiting for somebody else's row or key; then the request is answered 503. */
  lockTimeoutMs: 30_000,
  idleTimeoutMs: 30_000,
  /** Whether it answers at all is asked this often, and while it does not, more often. */
  askedEveryMs: 1_000,
  askedAgainMs: 250,
  /** Two questions without an answer for so long, and it counts as away: requests are then refused at the door. */
  silentMs: 2_000,
  /** How often a transaction runs that PostgreSQL broke off as a deadlock's victim. */
  transactionRuns: 4,
} as const;

/** Requests, seen from outside. */
export const HTTP = {
  /** 100 items of 255 four-byte characters, 16 KiB of metadata and the rest fit with room. */
  bodyBytes: 512 * 1_024,
  /** A card, or the answer to a challenge: taken from anybody, so small. */
  checkoutBodyBytes: 16 * 1_024,
  /** An id or a reference in a path: 100 characters of four bytes, each written as %XX. */
  pathPartChars: 100 * 4 * 3,
  /** Nothing that a request waits for lasts longer, but an advance of the test clock. */
  requestTimeoutMs: 60_000,
  keepAliveMs: 72_000,
  /** How long /readyz waits for the database. */
  readyMs: 2_000,
  /** After a signal: when webhook tries that are still under way are broken off. */
  breakOffMs: 4_500,
  /** After a signal: how long what runs may take to finish. The database has the rest of the time. */
  shutdownMs: 6_000,
  /** After a signal: when the process ends, whatever hangs (contract section 1: within 10 s). */
  exitMs: 9_500,
} as const;

/** What a processor's fields and challenges hand over by way of the customer: encrypted cards and signed results are long. */
export const RETURNED = {
  tokenChars: 12_000,
  /** Parameters in the address on the way back from a challenge, and their length in all. */
  parameters: 20,
  chars: 12_000,
} as const;

/**
 * Requests in work at a time, seen from one process: whoever comes beyond is answered 503 at the door, before anything is
 * read or looked up (docs/decisions/0016-the-door.md). Customers on the checkout page have places of their own.
 */
export const ADMISSION = {
  /** Requests of the API, all of them together. */
  api: 1_600,
  /** Of those, intents being created: new work goes first where there is too much of it. */
  creating: 1_200,
  /** Requests of the checkout page. A processor that hangs holds each payment for PROCESSOR.callTimeoutMs. */
  paying: 1_000,
  /** One account may hold this many times the places of the API that are free, so that its flood leaves room for others. */
  accountShare: 4,
  /** Requests of one connection, pipelined behind each other: nobody needs more, and their answers wait for each other. */
  ofConnection: 4,
  /** An answer that is not read by then is given up, and its connection closed: it holds a place until it is out. */
  unreadMs: 10_000,
  /** Clients remembered, to know whose a request claims to be before its credentials are looked at. */
  clients: 10_000,
  /** API requests turned away a second at the most, the rest of them later: turning away costs time too, which is then
   *  missing to those inside. */
  refusalsPerSecond: 2_000,
  /** Open connections, beyond which an answer closes its own. */
  connections: 4_000,
  /** Open connections, beyond which new ones are dropped: the last resort, since nobody is told why. */
  connectionsMost: 6_000,
  /** A statement may take this long on average, and still everybody in work gets a connection to the database in time. */
  statementMs: 25,
} as const;

/** Checking credentials: requests that arrive together share a look-up. */
export const AUTHENTICATE_BATCH = { size: 500, concurrency: 2, waiting: 10_000 } as const;

/** What goes on and on is logged when it begins, then seldom, and when it is over. Wall time. */
export const LOGGED = {
  everyMs: 60_000,
  /** What comes and goes is over when it has not happened for so long. */
  calmMs: 5_000,
} as const;

/** Idempotency keys (contract section 2). Wall time. A second request waits DATABASE.lockTimeoutMs for the first. */
export const IDEMPOTENCY = {
  rememberedMs: 24 * 3_600_000,
  /** Who has waited less than this for an earlier batch may wait for a lock as long as anybody. */
  waitedMs: 1_000,
  /** Who has no time left still waits this long for a lock: it may have waited for another's key, and not for its own. */
  lastTryMs: 250,
  /** Rows that one sweep deletes at the most. */
  sweepRows: 5_000,
} as const;

/** Counting requests for MINTRO_RATE_LIMIT. */
export const RATE_LIMIT = {
  windowMs: 1_000,
  /** Clients counted at a time before those whose window is over are forgotten. */
  clients: 10_000,
} as const;

/**
 * Guessing and card testing (docs/operate/threat-model.md), counted by each process for itself in windows of wall time.
 * All but declinesInAccount are for one address: an IPv4 address, or an IPv6 network of 64 bits.
 */
export const MISUSE = {
  windowMs: 60_000,
  /** API keys that are wrong. Nobody types one by hand; a server with an old secret meets it at once. */
  wrongKeys: 30,
  /** Payment links, and challenges, that nobody knows. Broken e-mails make a few; a token has 128 random bits. */
  unknownLinks: 60,
  /** Cards sent, whatever became of them, and demo payments made: an office or a mobile carrier's customers share an address. */
  attempts: 60,
  /** Cards that were declined or refused in one account, with those under way. A busy sale succeeds and is not held up;
   *  who tries out stolen cards from many addresses is. */
  declinesInAccount: 600,
  /** Notifications that are not a processor's own, or cannot be read. */
  badNotifications: 60,
  /** Addresses, or accounts, counted at a time by each limit, and keys and links known to be right: the oldest are forgotten. */
  remembered: 10_000,
} as const;

/** Creating intents: requests that arrive together share a transaction. */
export const CREATE_BATCH = {
  /** Requests a transaction. */
  size: 50,
  /** Transactions at a time, for one account. */
  concurrency: 2,
  /** Requests that may wait, for one account; more are answered 503. */
  waiting: 2_000,
} as const;

/** Talking to a processor. */
export const PROCESSOR = {
  /** One call. The first look-up (domain/charge.ts) comes after it has surely ended. */
  callTimeoutMs: 10_000,
} as const;

/** A processor's own calls to us, and those of the sandbox. */
export const NOTIFICATIONS = {
  /** The largest that a known processor sends is a tenth of it. */
  bodyBytes: 256 * 1_024,
  /** Acted upon at a time; more are answered 503, and sent again. Each may ask the processor. */
  atOnce: 32,
  /** A line in the log for each kind of trouble with one processor, at most this often. */
  lineEveryMs: 60_000,
  /** How far the sandbox's timestamp may be from ours, either way (Standard Webhooks). */
  toleranceMs: 5 * 60_000,
  /** The sandbox tells of an outcome whose answer has not got through by then, nor that of a look-up: the platform has given
   *  up waiting for it (PROCESSOR.callTimeoutMs). */
  unansweredMs: 11_000,
  /** The sandbox tells of a challenge from which the customer has not come back by then. */
  challengeMs: 5_000,
  /** Pauses before the sandbox sends one again that was not taken; then it gives up, and a look-up tells. */
  againAfterMs: [5_000, 60_000],
  /** Notifications that wait in the sandbox, in one process; more are not sent. */
  waiting: 10_000,
} as const;

/** The worker. Leases are wall time and outlast what they cover. */
export const WORKER = {
  /** The safety net's pace; what happens in this process wakes it at once. */
  pollMs: 500,
  /** Rows of one kind that one look finds. */
  scanRows: 200,
  /** Things of one kind that run side by side; deliveries, most of which is waiting. */
  concurrency: 24,
  deliveries: 256,
  /** Deliveries under way to one endpoint. */
  deliveriesPerEndpoint: 16,
  /**
   * How many times the free places one holder may have (worker/places.ts): of deliveries an endpoint, and all endpoints
   * together whose last try failed; of everything else an account.
   */
  accountShare: 2,
  endpointShare: 1 / 8,
  failingShare: 1,
  /** Longer than a delivery's whole try, or a processor's call and its bookkeeping. */
  leaseMs: 30_000,
  sweepMs: 10_000,
} as const;

/** Advancing a test clock (contract section 6). Wall time. */
export const CLOCK_ADVANCE = {
  /** Then `done: false`, and the same `to` continues. */
  budgetMs: 120_000,
  /** One step may wait for a hanging receiver (15 s) or processor (10 s); the lease is renewed before each. */
  leaseMs: 35_000,
  /** The clock stops this much ahead of when it was read, since it runs on for others until the stop is committed. */
  aheadMs: 100,
  /** How long a second advance waits for the first. */
  waitMs: 30_000,
  furthestDays: REQUEST_LIMITS.clockDays,
} as const;

/** Charge ids drawn from the shared table at a time, by one process. */
export const CHARGE_ID_BLOCK = 1_000;

/** Faults for rehearsals (contract section 6, /test/faults). */
export const TEST_FAULTS = {
  /** Armed at a time, in one account. */
  armed: 100,
  /** How long after the platform gave up waiting a late answer comes. */
  lateAfterTimeoutMs: 2_000,
  /** Late answers on their way at a time, in one process; more are lost instead. */
  lateAnswers: 200,
  /** Account time by which a delayed delivery is put off. */
  delayMs: 10_000,
  /** Account time after which a swapped delivery is sent though no other came to go first. */
  swapMs: 60_000,
} as const;
