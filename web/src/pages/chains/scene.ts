/** What a picture shows: communities or firms as circles, what links them as lines. Pure. */
import type { Schemas } from "@/api/client";

export type Bubble = Schemas["Bubble"];
export type Member = Schemas["MemberAnswer"];

interface Place {
  id: string;
  title: string;
  x: number;
  y: number;
  r: number;
  /** The 产业链 that gives the colour; none known: null. */
  chain: string | null;
}
export interface CommunityMark extends Place {
  kind: "community";
  /** Share of its links that were observed: the ring. */
  observed: number;
  of: Bubble;
}
export interface FirmMark extends Place {
  kind: "firm";
  leader: boolean;
  of: Member;
}
export type Mark = CommunityMark | FirmMark;

export interface Line {
  /** `from to`: what an address calls it. */
  id: string;
  from: string;
  to: string;
  weight: number;
  /** Nothing observed is in it: drawn dashed. */
  inferred: boolean;
  /** How many links of organisations it stands for. */
  links: number;
  observed: number;
  /** By kind of relation; empty between communities. */
  kinds: Record<string, number>;
}

export interface Scene {
  kind: "communities" | "firms";
  /** In the order of the table. */
  marks: Mark[];
  /** Strongest first. */
  lines: Line[];
  /** Lines that the service has and did not send. */
  more: number;
}

export const lineId = (from: string, to: string): string => `${from} ${to}`;

function community(of: Bubble): CommunityMark {
  return {
    kind: "community",
    id: of.id,
    title: of.name.text,
    x: of.x,
    y: of.y,
    r: of.r,
    chain: of.chains[0]?.id ?? null,
    observed: of.observed_share,
    of,
  };
}

const bundle = (of: Schemas["BundleAnswer"]): Line => ({
  id: lineId(of.a, of.b),
  from: of.a,
  to: of.b,
  weight: of.weight,
  inferred: of.observed === 0,
  links: of.links,
  observed: of.observed,
  kinds: {},
});

const strongest = (one: Line, other: Line): number =>
  other.weight - one.weight || one.id.localeCompare(other.id);

/** Communities, the largest first, with what runs between them. */
export function ofCommunities(bubbles: readonly Bubble[], bundles: Schemas["BundleAnswer"][]): Scene {
  const marks = bubbles.map(community);
  marks.sort((one, other) => other.of.size - one.of.size || one.id.localeCompare(other.id));
  return { kind: "communities", marks, lines: bundles.map(bundle).sort(strongest), more: 0 };
}

/** A community opened: what divides it, else its firms as the service orders them. */
export function ofCommunity(opened: Schemas["CommunityAnswer"]): Scene {
  if (opened.children.length) return ofCommunities(opened.children, opened.bundles);
  const chain = opened.community.chains[0]?.id ?? null;
  const marks = opened.members.map((of): FirmMark => {
    const { id, title, x, y, r, leader } = of;
    return { kind: "firm", id, title, x, y, r, chain, leader, of };
  });
  const lines = opened.links.map((of): Line => {
    const links = Object.values(of.kinds).reduce((sum: number, count) => sum + (count ?? 0), 0);
    return {
      id: lineId(of.from, of.to),
      from: of.from,
      to: of.to,
      weight: of.weight,
      inferred: of.inferred,
      links,
      observed: of.inferred ? 0 : links,
      kinds: of.kinds as Record<string, number>,
    };
  });
  return { kind: "firms", marks, lines: lines.sort(strongest), more: opened.more_links };
}
