import { describeLife } from "../life.ts";
import { engines } from "./engines.ts";

describeLife(engines);
