/** The emulator on a port of this machine. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";
import type { Fault } from "./faults.ts";
import type { Answer, Request } from "./routes.ts";

export interface Handler {
  /** The fault for this request, decided before anything is done. */
  fault(request: Request): Fault | undefined;
  answer(request: Request, acknowledgeOnly: boolean): Answer;
}

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

export async function listen(handler: Handler): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => {
    void readRequest(incoming).then(
      (request) => respond(handler, request, response),
      () => response.destroy(),
    );
  });
  server.keepAliveTimeout = 4_980; // as measured on the server
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers: Object.fromEntries(headers),
    body: Buffer.concat(parts).toString("utf8"),
  };
}

function respond(handler: Handler, request: Request, response: ServerResponse): void {
  const fault = handler.fault(request);
  if (fault?.kind === "hang") return;
  if (fault?.kind === "reset" && fault.when === "before") return reset(response);
  if (fault?.kind === "answer" && fault.applied !== true) return send(response, request, fault);
  let answer: Answer;
  try {
    answer = handler.answer(request, fault?.kind === "acknowledged");
  } catch (error) {
    answer = {
      status: 500,
      headers: { "x-emulator": "defect" },
      body: String(error instanceof Error ? error.stack : error),
    };
  }
  if (fault?.kind === "reset" || answer.status === 0) return reset(response);
  if (fault?.kind === "answer") return send(response, request, fault);
  if (fault?.kind === "half-json") return send(response, request, { ...answer, body: half(answer.body) });
  if (fault?.kind === "truncated") {
    response.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body) });
    response.write(half(answer.body), () => reset(response));
    return;
  }
  if (fault?.kind === "slow") setTimeout(() => send(response, request, answer), fault.milliseconds);
  else send(response, request, answer);
}

function half(body: string): string {
  return body.slice(0, Math.max(1, body.length >> 1));
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** Large answers are compressed for those who accept it. */
function send(
  response: ServerResponse,
  request: Request,
  answer: { status: number; headers?: Readonly<Record<string, string>>; body?: string },
): void {
  const body = Buffer.from(answer.body ?? "");
  const zipped = body.length > 1024 && /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  const sent = zipped ? gzipSync(body) : body;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(zipped && { "content-encoding": "gzip" }),
    "content-length": sent.length,
  });
  response.end(sent);
}
