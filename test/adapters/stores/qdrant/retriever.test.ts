import { QdrantClient } from "qdrant-client-1.19";
import { describeLife } from "../life.ts";
import { engines, openEmulator } from "./engines.ts";

describeLife([
  ...engines,
  {
    name: "the emulator, through the client of 1.19",
    async open() {
      const { url, emptyStore, close } = await openEmulator();
      const client = new QdrantClient({ url, checkCompatibility: false });
      return { emptyStore: () => emptyStore({ client }), close };
    },
  },
  {
    name: "the emulator, by its address",
    async open() {
      const { url, emptyStore, close } = await openEmulator();
      return { emptyStore: () => emptyStore({ client: { url } }), close };
    },
  },
]);
