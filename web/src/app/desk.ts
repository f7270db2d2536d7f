/** At whose desk the reader sits. */
import { stored } from "@/state/stored";
import { DESKS } from "./desks";

export const desk = stored("desk", DESKS, "enterprise");
