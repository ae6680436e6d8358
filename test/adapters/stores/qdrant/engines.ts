import { QdrantClient } from "@qdrant/js-client-rest";
import { qdrant, type QdrantOptions } from "../../../../adapters/stores/qdrant.ts";
import type { Store } from "../../../../src/types.ts";
import { type Emulator, startEmulator } from "./emulator/index.ts";

/** The emulator, in every run; and the server at GROUNDLINE_QDRANT_URL where there is one. */
export interface Engine {
  readonly name: string;
  open(): Promise<OpenEngine>;
}
export interface OpenEngine {
  readonly url: string;
  readonly client: QdrantClient;
  /** Undefined on a real server: faults and clusters are for the emulator. */
  readonly emulator: Emulator | undefined;
  /** The name of a collection that nobody else uses; whatever begins with it is deleted at the end. */
  freshName(): string;
  /** A store of collections that nobody else uses. */
  emptyStore(options?: Partial<QdrantOptions>): Store;
  close(): Promise<void>;
}

const url = process.env["GROUNDLINE_QDRANT_URL"];
if (url === undefined) console.log("GROUNDLINE_QDRANT_URL is not set: Qdrant is the emulator alone.");

export const engines: readonly Engine[] = [
  { name: "the emulator", open: () => openEmulator() },
  ...(url === undefined ? [] : [{ name: "a server", open: () => openServer(url) }]),
];

export async function openEmulator(
  options?: Parameters<typeof startEmulator>[0],
): Promise<OpenEngine & { readonly emulator: Emulator }> {
  const emulator = await startEmulator(options);
  return { ...connected(emulator.url), emulator, close: () => emulator.close() };
}

async function openServer(server: string): Promise<OpenEngine> {
  const engine = connected(server);
  const { version } = await engine.client.versionInfo();
  console.log(`Qdrant ${version}`);
  return { ...engine, emulator: undefined, close: () => deleteAll(engine.client) };
}

const prefix = `groundline_test_${process.pid}_${Date.now().toString(36)}`;
let made = 0;

function connected(at: string): Pick<OpenEngine, "url" | "client" | "freshName" | "emptyStore"> {
  const client = new QdrantClient({ url: at, checkCompatibility: false, headers: { "accept-encoding": "identity" } });
  const freshName = (): string => `${prefix}_${++made}`;
  return {
    url: at,
    client,
    freshName,
    emptyStore: (options) => qdrant({ client, collection: freshName(), ...options }),
  };
}

async function deleteAll(client: QdrantClient): Promise<void> {
  const { collections } = await client.getCollections();
  for (const { name } of collections) if (name.startsWith(prefix)) await client.deleteCollection(name);
}
