/** Whose work a page belongs to; the switch stands in for the login until there are accounts. */
export const DESKS = ["enterprise", "university", "officer"] as const;
export type Desk = (typeof DESKS)[number];
