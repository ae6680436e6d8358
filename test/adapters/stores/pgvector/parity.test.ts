import { describeParity } from "../parity.ts";
import { engines } from "./engines.ts";

describeParity("pgvector", engines);
