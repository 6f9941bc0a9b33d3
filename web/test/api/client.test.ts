import { afterEach, describe, expect, it, vi } from "vitest";

import { faultsOf, request, RequestError } from "../../src/api/client";

afterEach(() => vi.unstubAllGlobals());

const answers = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(body), { status, headers })));

describe("request", () => {
  it("hands on the body and its ETag", async () => {
    answers(200, { id: "x" }, { ETag: '"r3"' });
    expect(await request("/x")).toEqual({ body: { id: "x" }, etag: '"r3"' });
  });

  it("tells faults by their field", async () => {
    const faults = [{ field: "name_ko", message: "name_ko is missing" }, { field: "", message: "no feature" }];
    answers(422, { code: "unprocessable", message: "2 faults", faults });
    const error = await request("/x").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RequestError);
    expect((error as RequestError).faults).toEqual({ name_ko: "name_ko is missing", "": "no feature" });
  });

  it("brings the newest revision with a conflict", async () => {
    answers(412, { code: "conflict", message: "changed", current: { id: "x" } }, { ETag: '"r9"' });
    const error = (await request("/x").catch((reason: unknown) => reason)) as RequestError;
    expect([error.status, error.current, error.etag]).toEqual([412, { id: "x" }, '"r9"']);
  });

  it("survives an answer that is no JSON", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("<h1>Bad gateway</h1>", { status: 502 })));
    const error = (await request("/x").catch((reason: unknown) => reason)) as RequestError;
    expect(error.status).toBe(502);
  });
});

describe("faultsOf", () => {
  it("keeps both of two faults of one field", () => {
    const faults = [{ field: "source", message: "too long" }, { field: "source", message: "holds HTML" }];
    expect(faultsOf({ code: "x", message: "x", faults })).toEqual({ source: "too long; holds HTML" });
  });
});
