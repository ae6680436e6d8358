import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

/** A model service that misbehaves on request, over real sockets. */

export interface FakeRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}
export type Behaviour = (response: ServerResponse, request: FakeRequest) => void;

export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly FakeRequest[];
  /** Resolves when the first request has been dealt with. */
  readonly arrived: Promise<void>;
  /** Resolves when a client has gone before its reply was whole. */
  readonly abandoned: Promise<void>;
}

/** Answers each request with the next behaviour, and with the last one for ever. */
export async function fakeServer(...behaviours: readonly Behaviour[]): Promise<FakeServer> {
  const requests: FakeRequest[] = [];
  const events = new EventEmitter();
  const arrived = once(events, "arrived").then(() => undefined);
  const abandoned = once(events, "abandoned").then(() => undefined);
  const server = createServer((incoming, response) => {
    response.on("close", () => {
      if (!response.writableFinished) events.emit("abandoned");
    });
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const sent = Buffer.concat(parts).toString();
      const body: unknown = sent === "" ? undefined : JSON.parse(sent);
      const request = { path: incoming.url ?? "", headers: incoming.headers, body };
      const behave = behaviours[requests.length] ?? behaviours.at(-1);
      requests.push(request);
      behave?.(response, request);
      events.emit("arrived");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    arrived,
    abandoned,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

type Headers = Readonly<Record<string, string>>;

export function json(value: unknown, status = 200, headers: Headers = {}): Behaviour {
  return text(JSON.stringify(value), status, { "content-type": "application/json", ...headers });
}

export function text(body: string, status = 200, headers: Headers = {}): Behaviour {
  return (response) => {
    response.writeHead(status, headers).end(body);
  };
}

export function page(title: string, status: number): Behaviour {
  return text(`<!doctype html><html><head><title>${title}</title></head><body><h1>nginx</h1></body></html>`, status, {
    "content-type": "text/html",
  });
}

/** The reply to what was sent. */
export function answering(reply: (request: FakeRequest) => unknown): Behaviour {
  return (response, request) => json(reply(request))(response, request);
}

/** Sends back everything it was sent, the key in every place that an error could be made of. */
export function echoing(status: number): Behaviour {
  return (response, request) => {
    const all = JSON.stringify(request);
    json({ error: { message: all, type: all, code: all }, detail: all, model: all, data: all }, status)(
      response,
      request,
    );
  };
}

export function redirecting(location: string, status = 307): Behaviour {
  return (response) => {
    response.writeHead(status, { location }).end();
  };
}

export const resetting: Behaviour = (response) => {
  response.socket?.resetAndDestroy();
};

/** Headers and half of the JSON, then a reset. */
export const resettingMidBody: Behaviour = (response) => {
  response.writeHead(200, { "content-type": "application/json" }).write('{"data":[');
  setTimeout(() => response.socket?.resetAndDestroy(), 5);
};

export const silent: Behaviour = () => undefined;

/** A byte now and then, and no end. */
export function dripping(status = 200): Behaviour {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json" }).write("{");
    const timer = setInterval(() => response.write(" "), 2);
    response.on("close", () => clearInterval(timer));
  };
}

/** As many spaces as fit, few on the wire. */
export function bomb(bytes: number): Behaviour {
  return (response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(bytes, " ")));
  };
}
