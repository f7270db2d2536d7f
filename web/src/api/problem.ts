/** What went wrong, in the shape that ErrorNote shows: RFC 9457 as the service answers it. */
import type { Schemas } from "./client";

export interface Problem {
  /** A kind of docs/http.md, or `unreachable`, `unreadable`: what the page itself found. */
  code: string;
  /** In Chinese, for people; empty where the page finds the words by `code`. */
  detail: string;
  hint: string;
  /** To quote to whoever looks into it; empty where no answer came. */
  requestId: string;
  status: number;
  errors: Schemas["FieldProblem"][];
  /** Seconds after which to try again, where the service says. */
  retryAfter: number | null;
}

const bare = { detail: "", hint: "", requestId: "", status: 0, errors: [], retryAfter: null };

/** The problem of an answer that is no success. */
export function problemOf(response: Response, body: unknown): Problem {
  const after = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const retryAfter = Number.isFinite(after) ? after : null;
  const requestId = response.headers.get("X-Request-ID") ?? "";
  if (!isProblem(body)) {
    return { ...bare, code: "unreadable", requestId, status: response.status, retryAfter };
  }
  return {
    code: body.code,
    detail: body.detail,
    hint: body.hint,
    requestId: body.request_id,
    status: body.status,
    errors: body.errors ?? [],
    retryAfter,
  };
}

/** The problem where no answer came: the service is down, or the network. */
export const unreachable = (): Problem => ({ ...bare, code: "unreachable" });

function isProblem(body: unknown): body is Schemas["Problem"] {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}
