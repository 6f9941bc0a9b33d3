// The one place that talks to the server.

import type { Faults } from "./schema";

/** An answer that is no success; `faults` when single fields are wrong, `body` as the server sent it. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly faults: Faults = {},
    readonly body: unknown = null,
    readonly etag: string | null = null,
  ) {
    super(message);
  }
}

export interface Answer<Body> {
  body: Body;
  etag: string | null;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** 422 bodies say either {faults: {field: text}} or {faults|errors|detail: [{field|loc, message|msg}]}. */
export function readFaults(body: unknown): Faults {
  if (!isRecord(body)) return {};
  const list = body["faults"] ?? body["errors"] ?? body["detail"];
  if (!Array.isArray(list)) {
    if (!isRecord(list)) return {};
    return Object.fromEntries(Object.entries(list).map(([field, text]) => [field, String(text)]));
  }
  const pairs = list.filter(isRecord).map((entry): [string, string] => {
    const where = entry["field"] ?? entry["loc"] ?? "";
    return [String(Array.isArray(where) ? where.at(-1) : where), String(entry["message"] ?? entry["msg"] ?? "")];
  });
  return Object.fromEntries(pairs);
}

function messageOf(body: unknown, fallback: string): string {
  if (!isRecord(body)) return fallback;
  const text = body["message"] ?? body["detail"] ?? body["title"] ?? body["error"];
  return typeof text === "string" ? text : fallback;
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
  if (!response.ok) {
    const faults = response.status === 422 ? readFaults(body) : {};
    throw new RequestError(response.status, messageOf(body, response.statusText), faults, body, etag);
  }
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
