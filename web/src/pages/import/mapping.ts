/**
 * Which column of a sheet is read as what: what the service recognised or guessed, what a person chose
 * (in the address), and the mapping file that says so (loaders/given.py reads it).
 */
import type { Schemas } from "@/api/client";

export type Guess = Schemas["Guess"];
export type MappingField = Pick<Schemas["MappingField"], "name" | "known_as" | "headers" | "required">;

export interface ColumnSeen {
  header: string;
  /** The field by which it was recognised; null: it was not. */
  known: string | null;
  /** What it may be, where it was not recognised. */
  guess: Guess | null;
}

export interface SheetSeen {
  /** Names it in the address: start of the upload's id, k(nown) or u(nknown), its number. */
  key: string;
  file: string;
  sheet: string;
  /** The built-in mapping by which it is read or may be; null: nothing can be chosen here. */
  like: string | null;
  kind: string;
  rows: number | null;
  /** Loaded as it is, without a word. */
  known: boolean;
  /** Why it is not. */
  reason: string;
  score: number | null;
  /** Whether the proposal has all that it needs: worth a person's look. */
  whole: boolean;
  columns: ColumnSeen[];
}

/** A person's word on a sheet: another kind, and column → field ("" = not used). */
export interface Choice {
  like: string | null;
  picks: Readonly<Record<number, string>>;
}
export type Choices = Readonly<Record<string, Choice>>;

/** The sheets of one upload; `builtin`: the mappings that a choice can build on. */
export function seen(
  upload: string,
  answer: Schemas["RecognitionAnswer"],
  builtin: ReadonlySet<string>,
): SheetSeen[] {
  const start = upload.slice(0, 8);
  const known = answer.sheets.map((sheet, place): SheetSeen => ({
    key: `${start}.k${place}`,
    file: sheet.file,
    sheet: sheet.sheet,
    like: builtin.has(sheet.mapping) ? sheet.mapping : null,
    kind: sheet.kind,
    rows: sheet.rows,
    known: true,
    reason: "",
    score: null,
    whole: true,
    columns: [
      ...sheet.columns.map(({ header, field }) => ({ header, known: field, guess: null })),
      ...sheet.unused.map((guess) => ({ header: guess.header, known: null, guess })),
    ],
  }));
  const unknown = answer.skipped.map(
    ({ file, sheet, reason, proposal }, place): SheetSeen => ({
      key: `${start}.u${place}`,
      file,
      sheet,
      like: proposal && builtin.has(proposal.like) ? proposal.like : null,
      kind: proposal?.kind ?? "",
      rows: null,
      known: false,
      reason: reason.split("；最接近")[0] ?? reason,
      score: proposal?.score ?? null,
      whole: proposal?.missing.length === 0,
      columns: (proposal?.columns ?? []).map((guess) => ({
        header: guess.header,
        known: null,
        guess,
      })),
    }),
  );
  return [...known, ...unknown];
}

/** What each column is read as now; null: not used. */
export function reads(sheet: SheetSeen, choice: Choice | undefined): (string | null)[] {
  const other = choice?.like && choice.like !== sheet.like;
  return sheet.columns.map((column, place) => {
    const pick = choice?.picks[place];
    if (pick !== undefined) return pick || null;
    if (other) return null;
    if (column.known) return column.known;
    // What is guessed counts where the person took the proposal, never by itself.
    return !sheet.known && choice ? (column.guess?.field ?? null) : null;
  });
}

export const likeOf = (sheet: SheetSeen, choice: Choice | undefined): string | null =>
  choice?.like ?? sheet.like;

/** Whether the sheet will be loaded. */
export const used = (sheet: SheetSeen, choice: Choice | undefined): boolean =>
  sheet.known || choice !== undefined;

/** A header without case, blanks, brackets and marks: near to how the service compares them. */
export const headerKey = (header: string): string =>
  header
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[(（【[][^)）】\]]*[)）】\]]/g, "")
    .replace(/^[一二三四五六七八九十\d]+[、.]/, "")
    .replace(/[\p{P}\p{S}\s]/gu, "");

/** For another kind of file: the fields that bear just these headers. */
export function picksFor(sheet: SheetSeen, fields: readonly MappingField[]): Record<number, string> {
  const taken = new Set<string>();
  const picks: Record<number, string> = {};
  for (const [place, { header }] of sheet.columns.entries()) {
    const key = headerKey(header);
    const field = fields.find(({ name, headers }) => !taken.has(name) && headers.includes(key));
    if (field) taken.add(field.name);
    picks[place] = field?.name ?? "";
  }
  return picks;
}

export interface Flaws {
  /** Fields without which nothing can be loaded, as people call them. */
  missing: string[];
  /** Fields that two columns claim: the first alone is read. */
  doubled: string[];
}

export function flaws(chosen: readonly (string | null)[], fields: readonly MappingField[]): Flaws {
  const count = (name: string): number => chosen.filter((one) => one === name).length;
  const called = ({ known_as }: MappingField): string => known_as;
  return {
    missing: fields.filter(({ name, required }) => required && !count(name)).map(called),
    doubled: fields.filter(({ name }) => count(name) > 1).map(called),
  };
}

/** A TOML basic string. */
function quoted(text: string): string {
  const whole = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
  return JSON.stringify(whole).replaceAll("\x7f", "\\u007f");
}

/** The mapping file of a sheet; null where nothing was said that the service does not know. */
export function toml(sheet: SheetSeen, choice: Choice | undefined): string | null {
  const like = likeOf(sheet, choice);
  if (!choice || !like) return null;
  const chosen = reads(sheet, choice);
  const fields = new Map<string, string>();
  for (const [place, field] of chosen.entries()) {
    const column = sheet.columns[place];
    if (!column || !field || fields.has(field)) continue;
    if (like === sheet.like && column.known === field) continue;
    fields.set(field, column.header);
  }
  if (!fields.size && like === sheet.like) return null;
  const lines = [...fields].map(([name, header]) => `${name} = { headers = [${quoted(header)}] }`);
  return [`like = ${quoted(like)}`, "", "[fields]", ...lines, ""].join("\n");
}

const PICK = /^(\d+)=(\w*)$/;

/** Choices as parameters of the address: `8e29065e.u0:demands;3=budget;4=`. */
export const write = (choices: Choices): string[] =>
  Object.entries(choices).map(([key, { like, picks }]) =>
    [
      like ? `${key}:${like}` : key,
      ...Object.entries(picks).map(([place, field]) => `${place}=${field}`),
    ].join(";"),
  );

export function read(raw: readonly string[]): Choices {
  const choices: Record<string, Choice> = {};
  for (const one of raw) {
    const [head = "", ...rest] = one.split(";");
    const [key = "", like] = head.split(":");
    if (!/^[0-9a-f]{1,8}\.[ku]\d+$/.test(key)) continue;
    const picks: Record<number, string> = {};
    for (const part of rest) {
      const [, place, field] = PICK.exec(part) ?? [];
      if (place !== undefined) picks[Number(place)] = field ?? "";
    }
    choices[key] = { like: like || null, picks };
  }
  return choices;
}

/** The choices without one, or with another word on it. */
export function having(choices: Choices, key: string, choice: Choice | null): Choices {
  const { [key]: _, ...others } = choices;
  return choice ? { ...others, [key]: choice } : others;
}

/** What remains said when a file is taken off. */
export const without = (choices: Choices, upload: string): Choices =>
  Object.fromEntries(
    Object.entries(choices).filter(([key]) => !key.startsWith(`${upload.slice(0, 8)}.`)),
  );
