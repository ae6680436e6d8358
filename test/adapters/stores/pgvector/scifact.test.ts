import { describeSciFact } from "../scifact.ts";
import { engines } from "./engines.ts";

describeSciFact("pgvector", engines);
