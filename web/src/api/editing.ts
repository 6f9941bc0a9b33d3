// Signing in, saving and publishing one record.

import { request, type Answer } from "./client";
import type { FeaturePage, PlaceFeature, Session } from "./schema";

export async function readSession(): Promise<Session> {
  return (await request<Session>("/session")).body;
}

export async function signIn(name: string, password: string): Promise<Session> {
  return (await request<Session>("/session", { method: "POST", body: { name, password } })).body;
}

export async function signOut(csrf: string): Promise<void> {
  await request("/session", { method: "DELETE", headers: { "X-CSRF-Token": csrf } });
}

const itemsUrl = (layer: string) => `/api/collections/${encodeURIComponent(layer)}/items`;
const itemUrl = (layer: string, id: string) => `${itemsUrl(layer)}/${encodeURIComponent(id)}`;

/** The newest revision, draft or published, with the ETag that a later save must name. */
export function readItem(layer: string, id: string): Promise<Answer<PlaceFeature>> {
  return request<PlaceFeature>(`${itemUrl(layer, id)}?draft=1`);
}

/** All records of a layer as their editors last saved them. */
export async function readDrafts(layer: string): Promise<PlaceFeature[]> {
  return (await request<FeaturePage>(`${itemsUrl(layer)}?draft=1&limit=1000`)).body.features;
}

/** What an editor sends: without an id the server makes one of the English name. */
export type Draft = Pick<PlaceFeature, "type" | "geometry" | "properties"> & { id?: string };

export function createItem(layer: string, draft: Draft, csrf: string): Promise<Answer<PlaceFeature>> {
  return request<PlaceFeature>(itemsUrl(layer), { method: "POST", body: draft, headers: { "X-CSRF-Token": csrf } });
}

export function replaceItem(
  layer: string,
  draft: Draft & { id: string },
  etag: string,
  csrf: string,
): Promise<Answer<PlaceFeature>> {
  const headers = { "X-CSRF-Token": csrf, "If-Match": etag };
  return request<PlaceFeature>(itemUrl(layer, draft.id), { method: "PUT", body: draft, headers });
}

export function publishItem(layer: string, id: string, etag: string, csrf: string): Promise<Answer<PlaceFeature>> {
  const headers = { "X-CSRF-Token": csrf, "If-Match": etag };
  return request<PlaceFeature>(`${itemUrl(layer, id)}/publish`, { method: "POST", headers });
}
