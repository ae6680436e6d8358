import { describeConformance } from "../conformance.ts";
import { becomeOrdinary, engines, openPglite } from "./engines.ts";

for (const { name, open } of engines) {
  describeConformance(`pgvector on ${name}`, open, (engine) => engine.emptyStore());
}

describeConformance(
  "pgvector with row-level security, as a role that it binds",
  async () => {
    const engine = await openPglite();
    await becomeOrdinary(engine.client);
    return engine;
  },
  (engine) => engine.emptyStore({ rowLevelSecurity: true }),
);
