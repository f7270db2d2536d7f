/** Sending a file, with how much of it has gone: XMLHttpRequest tells, fetch does not yet. */
import type { Schemas } from "@/api/client";
import type { Fetched } from "@/api/useAnswer";

export type Upload = Schemas["UploadAnswer"];

export function upload(
  content: Blob,
  name: string,
  progress: (sent: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<Fetched<Upload>> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/uploads?${new URLSearchParams({ name })}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("load", () => {
      const headers = new Headers();
      for (const one of ["Retry-After", "X-Request-ID"]) {
        const value = request.getResponseHeader(one);
        if (value) headers.set(one, value);
      }
      const response = new Response(null, { status: request.status, headers });
      let body: unknown = null;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        if (response.ok) return reject(new SyntaxError("no JSON"));
      }
      resolve(response.ok ? { data: body as Upload, response } : { error: body, response });
    });
    for (const one of ["error", "abort", "timeout"]) {
      request.addEventListener(one, () => reject(new Error(one)));
    }
    signal?.addEventListener("abort", () => request.abort());
    request.send(content);
  });
}
