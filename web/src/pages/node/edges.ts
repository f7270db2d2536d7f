import type { Schemas } from "@/api/client";

/** All kinds of relations, as the interface names them. */
export const EDGE_TYPES: readonly Schemas["EdgeType"][] = [
  ...(["MAKES", "NEEDS", "SUPPLIES", "UPSTREAM_OF", "SUBTYPE_OF", "ABOUT", "IN_INDUSTRY"] as const),
  ...(["IN_CHAIN", "LEADS", "LOCATED_IN", "OWNS", "AUTHORED", "CONTROLS", "POSTED"] as const),
  ...(["BID_ON", "WON", "PARTNERED", "MEMBER_OF", "CONFLICTS_WITH", "MATCHED"] as const),
];
