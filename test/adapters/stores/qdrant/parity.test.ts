import { describeParity } from "../parity.ts";
import { engines } from "./engines.ts";

describeParity("qdrant", engines);
