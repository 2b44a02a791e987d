/**
 * The door: how many requests are in work at a time. Whoever comes beyond is answered 503 with Retry-After at once, before
 * anything is read or looked up, so that those inside keep their pace and memory stays bounded. New intents are turned away
 * first, then the rest of the API; customers on the checkout page have places of their own that no API request can take.
 * Why these, and why counts: docs/decisions/0016-the-door.md.
 */
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { LOGGED } from "../base/limits.ts";
import type { Log } from "../base/log.ts";
import { createPace } from "../base/pace.ts";
import { later } from "../base/pause.ts";
import { createSeldom } from "../base/seldom.ts";
import { forgetOldest } from "../base/window-counter.ts";
import type { World } from "../base/world.ts";
import type { AccountId } from "../domain/ids.ts";
import { failureAnswer, notTried } from "./answer.ts";
import type { CustomerPages } from "./customer-pages.ts";
import type { Metrics } from "./metrics.ts";

export type AdmissionLimits = {
  readonly [limit in
    | "api"
    | "creating"
    | "paying"
    | "accountShare"
    | "clients"
    | "ofConnection"
    | "unreadMs"
    | "refusalsPerSecond"
    | "connections"
    | "connectionsMost"]: number;
};

/** What takes a place. All else (health, files, unknown addresses) costs next to nothing, or bounds itself. */
export type Kind = "creating" | "asking" | "paying";

export type Door = {
  /**
   * To be asked once, when it is known whose an API request is. False: the account holds its share of the places, and the
   * request is being answered 503.
   */
  admitsFor(accountId: AccountId, request: FastifyRequest, reply: FastifyReply): boolean;
};

type Place = {
  readonly kind: Kind;
  /** Under what its account's are counted; null before it is known whose it is. */
  account: string | null;
  /** It is given back when both are so: a handler may go on though the customer has left. */
  isAnswered: boolean;
  isClosed: boolean;
  isGivenBack: boolean;
  /** Ends the wait for its answer to be read. */
  stopWaiting: () => void;
};

type Parts = {
  readonly world: World;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits: AdmissionLimits;
  /** Answers customers with a page, and everybody else as the API does. */
  readonly refuse: CustomerPages["refuse"];
  /** The database does not answer: nobody who needs it is let in. */
  readonly isAway: () => boolean;
};

/** To be called before any other hook is added, so that a refusal costs little. */
export function openDoor(app: FastifyInstance, parts: Parts): Door {
  const { metrics, limits, isAway } = parts;
  const places = createPlaces(limits, metrics);
  const taken = new WeakMap<FastifyRequest, Place>();
  const ofConnection = new WeakMap<Socket, number>();
  const held = ({ raw: { socket } }: FastifyRequest) => ofConnection.get(socket) ?? 0;
  /** Of clients whose credentials were right. */
  const accountOf = new Map<string, AccountId>();
  const refuser = createRefuser(parts, places);

  function take(request: FastifyRequest, reply: FastifyReply, kind: Kind): void {
    const place = places.take(kind, reply.raw.destroyed);
    taken.set(request, place);
    ofConnection.set(request.raw.socket, held(request) + 1);
    reply.raw.once("close", () => {
      ofConnection.set(request.raw.socket, held(request) - 1);
      place.stopWaiting();
      places.closed(place);
      refuser.servedAgain();
    });
  }

  app.addHook("onRequest", (request, reply, done) => {
    const kind = kindOf(request);
    if (kind === null) return done();
    if (isAway()) return refuser.refuse(request, reply, kind, "database");
    if (places.isFull(kind) || held(request) >= limits.ofConnection)
      return refuser.refuse(request, reply, kind, "busy");
    // Whoever claims a client whose account has its share need not be looked up: the right one is refused, and a false one too.
    const claimed = accountOf.get(String(request.headers["x-client-id"]));
    if (claimed && kind !== "paying" && places.isShareFull(kind, claimed))
      return refuser.refuse(request, reply, kind, "account");
    // Anybody may send the checkout's requests, and slowly: they take their place when they are here as a whole.
    if (kind !== "paying") take(request, reply, kind);
    return done();
  });
  app.addHook("preValidation", (request, reply, done) => {
    if (kindOf(request) !== "paying") return done();
    if (places.isFull("paying") || held(request) >= limits.ofConnection)
      return refuser.refuse(request, reply, "paying", "busy");
    take(request, reply, "paying");
    return done();
  });
  app.addHook("onSend", (request, _reply, _, done) => {
    const place = taken.get(request);
    if (place) {
      places.answered(place); // where the customer has left, nothing else will tell
      if (!place.isClosed) place.stopWaiting = later(limits.unreadMs, () => request.raw.socket.destroy());
    }
    done();
  });
  boundConnections(app, parts);
  return {
    admitsFor(accountId, request, reply) {
      const place = taken.get(request);
      if (!place) return true;
      remember(accountOf, String(request.headers["x-client-id"]), accountId, limits.clients);
      if (places.takeFor(accountId, place)) return true;
      refuser.refuse(request, reply, place.kind, "account");
      return false;
    },
  };
}

/** Turns requests away, and says so in the log once in a while. */
function createRefuser(
  { metrics, limits, log, world, refuse: refuseAs }: Parts,
  places: ReturnType<typeof createPlaces>,
) {
  const pace = createPace(limits.refusalsPerSecond);
  const refusals = createSeldom(world, LOGGED.calmMs);
  return {
    refuse(request: FastifyRequest, reply: FastifyReply, kind: Kind, why: Why): void {
      metrics.shed.inc({ kind, why });
      if (why !== "database")
        refusals.happened((times) =>
          log.warn({ kind, why, times, in_work: places.inWork() }, "too many requests: some get 503"),
        );
      reply.header("x-request-id", request.id);
      const turnedAway = { kind: "unavailable" } as const;
      const answer = () => void refuseAs(request, reply, turnedAway, notTried(failureAnswer(turnedAway)));
      // A connection is read again only when it was answered: so a flood comes no faster than it is turned away.
      if (kind === "paying") answer();
      else pace(answer);
    },
    servedAgain(): void {
      refusals.over((times) => log.info({ times }, "all requests are served again"));
    },
  };
}

function remember<T>(known: Map<string, T>, key: string, value: T, most: number): void {
  if (!known.has(key) && known.size >= most) forgetOldest(known);
  known.set(key, value);
}

/** The counts behind the door. */
function createPlaces(limits: AdmissionLimits, metrics: Metrics) {
  const taken = { creating: 0, asking: 0, paying: 0 };
  /** Of each account, by kind, and of all of them; those whose credentials are being looked at are not in it yet. */
  const accounts = new Map<string, number>();
  const admitted = { creating: 0, asking: 0, paying: 0 };

  function isShareFull(kind: Kind, accountId: AccountId): boolean {
    const most = kind === "creating" ? limits.creating : limits.api - admitted.creating;
    const held = accounts.get(`${kind}/${accountId}`) ?? 0;
    return held >= Math.max(1, limits.accountShare * (most - admitted[kind]));
  }

  function giveBack(place: Place): void {
    const { kind, account } = place;
    if (!place.isAnswered || !place.isClosed || place.isGivenBack) return;
    place.isGivenBack = true;
    taken[kind]--;
    metrics.inWork.dec({ kind });
    if (account === null) return;
    admitted[kind]--;
    const left = (accounts.get(account) ?? 1) - 1;
    if (left > 0) accounts.set(account, left);
    else accounts.delete(account);
  }

  return {
    inWork: () => ({ ...taken }),
    isFull(kind: Kind): boolean {
      if (kind === "paying") return taken.paying >= limits.paying;
      if (taken.creating + taken.asking >= limits.api) return true;
      return kind === "creating" && taken.creating >= limits.creating;
    },
    take(kind: Kind, isClosed: boolean): Place {
      taken[kind]++;
      metrics.inWork.inc({ kind });
      return { kind, account: null, isAnswered: false, isClosed, isGivenBack: false, stopWaiting: () => {} };
    },
    isShareFull,
    /** False: the account has its share of the places. */
    takeFor(accountId: AccountId, place: Place): boolean {
      const { kind } = place;
      if (isShareFull(kind, accountId)) return false;
      const account = `${kind}/${accountId}`;
      accounts.set(account, (accounts.get(account) ?? 0) + 1);
      admitted[kind]++;
      place.account = account;
      return true;
    },
    answered(place: Place): void {
      place.isAnswered = true;
      giveBack(place);
    },
    closed(place: Place): void {
      place.isClosed = true;
      giveBack(place);
    },
  };
}

type Why = "busy" | "account" | "database";

function kindOf({ method, routeOptions: { url } }: FastifyRequest): Kind | null {
  if (url === undefined) return null;
  if (url.startsWith("/api/platform")) {
    return method === "POST" && url === "/api/platform/intents" ? "creating" : "asking";
  }
  if (url === "/pay/demo") return "creating";
  return url.startsWith("/pay/:") || url.startsWith("/sandbox/challenges") ? "paying" : null;
}

/**
 * Idle connections cost memory too. In a crowd an answer closes its connection, which a client takes for nothing unusual;
 * only beyond that are new ones dropped, since they cannot be told why.
 */
function boundConnections(app: FastifyInstance, { metrics, limits, log, world }: Parts): void {
  const drops = createSeldom(world, LOGGED.calmMs);
  let open = 0;
  app.server.maxConnections = limits.connectionsMost;
  app.server.on("connection", (socket) => {
    open++;
    metrics.connections.set(open);
    socket.once("close", () => {
      open--;
      metrics.connections.set(open);
      if (open <= limits.connections)
        drops.over((times) => log.info({ times }, "all connections are taken again"));
    });
  });
  app.server.on("drop", () => {
    metrics.dropped.inc();
    drops.happened((times) => log.warn({ open, times }, "too many connections: some are dropped"));
  });
  app.addHook("onSend", (_, reply, __, done) => {
    if (open > limits.connections) reply.header("connection", "close");
    done();
  });
}
