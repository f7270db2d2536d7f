/** Follow a job while the page is open: by its events, else by asking every few seconds. */
import { onScopeDispose, shallowRef, watch, type ShallowRef } from "vue";
import { client } from "@/api/client";
import { settle } from "@/api/useAnswer";
import { heard, nothing, type Followed, type Job, type Said } from "./follow";

/** Milliseconds between two questions where events cannot be had (too many follow already). */
const PAUSE = 3000;

export interface Following {
  state: Readonly<ShallowRef<Followed>>;
  /** What an action on the job answered. */
  tell: (job: Job) => void;
  ask: () => Promise<void>;
}

export function useJob(id: () => string | null): Following {
  const state = shallowRef<Followed>(nothing);
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let about: string | null = null;

  function say(of: string, said: Said): void {
    if (of === about) state.value = heard(state.value, said);
    if (state.value.link === "ended") stop();
  }

  function stop(): void {
    source?.close();
    source = null;
    clearTimeout(timer);
  }

  async function ask(): Promise<void> {
    const of = about;
    if (!of) return;
    const outcome = await settle(
      client.GET("/api/v1/jobs/{id}", { params: { path: { id: of } } }),
    );
    if ("data" in outcome) say(of, { type: "told", job: outcome.data });
    else say(of, { type: "refused", problem: outcome.problem });
    // Also where the first question had failed, or events were refused.
    if (of === about && !source && state.value.job && state.value.link !== "ended") listen(of);
  }

  /** By asking, until events can be had again. */
  function askLater(): void {
    clearTimeout(timer);
    source = null;
    timer = setTimeout(() => void ask(), PAUSE);
  }

  function listen(of: string): void {
    source?.close();
    const events = (source = new EventSource(`/api/v1/jobs/${encodeURIComponent(of)}/events`));
    const told = (event: MessageEvent<string>): void =>
      say(of, { type: "told", job: JSON.parse(event.data) as Job });
    events.addEventListener("progress", told);
    events.addEventListener("end", told);
    events.addEventListener("open", () => say(of, { type: "opened" }));
    events.addEventListener("error", () => {
      if (of !== about || events !== source) return;
      say(of, { type: "lost" });
      // Refused (or told to come no more) closes it; else the browser tries again by itself.
      if (source && events.readyState === EventSource.CLOSED) askLater();
    });
  }

  watch(
    id,
    async (of) => {
      stop();
      about = of;
      state.value = nothing;
      if (!of) return;
      await ask();
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    about = null;
    stop();
  });
  return { state, ask, tell: (job) => say(job.id, { type: "told", job }) };
}
