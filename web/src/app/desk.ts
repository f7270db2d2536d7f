/** At whose desk the reader sits. */
import { stored } from "@/state/stored";
import { DESKS } from "./pages";

export const desk = stored("desk", DESKS, "enterprise");
