// The one place that talks to the server.

import type { PlaceFeature, Refused } from "./schema";

/** An answer that is no success, in the server's words: faults by field with 422, the newest revision with 412. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly faults: Readonly<Record<string, string>> = {},
    readonly current: PlaceFeature | null = null,
    readonly etag: string | null = null,
  ) {
    super(message);
  }
}

export interface Answer<Body> {
  body: Body;
  etag: string | null;
}

const isRefusal = (body: unknown): body is Refused => typeof body === "object" && body !== null && "message" in body;

/** The faults of a refusal by field; what concerns the record as a whole stands under "". */
export function faultsOf(body: Refused): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const { field, message } of body.faults ?? []) {
    faults[field] = faults[field] ? `${faults[field]}; ${message}` : message;
  }
  return faults;
}

function refusal(status: number, words: string, body: unknown, etag: string | null): RequestError {
  if (!isRefusal(body)) return new RequestError(status, words, {}, null, etag);
  return new RequestError(status, body.message, faultsOf(body), body.current ?? null, etag);
}

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** One JSON request. Raises RequestError for a status that is no success, TypeError when the server is not reached. */
export async function request<Body>(url: string, ask: Ask = {}): Promise<Answer<Body>> {
  const headers: Record<string, string> = { Accept: "application/json, application/geo+json", ...ask.headers };
  const init: RequestInit = { method: ask.method ?? "GET", headers, credentials: "same-origin" };
  if (ask.signal) init.signal = ask.signal;
  if (ask.body !== undefined) {
    headers["Content-Type"] ??= "application/json";
    init.body = JSON.stringify(ask.body);
  }
  const response = await fetch(url, init);
  const text = await response.text();
  const etag = response.headers.get("ETag");
  const body = readJson(text);
  if (!response.ok) throw refusal(response.status, response.statusText, body, etag);
  return { body: body as Body, etag };
}

function readJson(text: string): unknown {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
