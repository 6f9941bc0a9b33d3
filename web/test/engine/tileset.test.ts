import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Frame } from "../../src/engine/frame";
import { type CityTiles, createBuildings } from "../../src/engine/tileset";

const TILESET = {
  asset: { version: "1.1" },
  geometricError: 1000,
  root: {
    geometricError: 1000,
    refine: "REPLACE",
    boundingVolume: { sphere: [0, 0, 0, 1000] },
    content: { uri: "one.glb" },
  },
};

/** A turn of the event loop, in which everything that can go on goes on. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

let bodyArrives: () => void;

/** A tileset of one tile whose headers have come and whose body is on its way. */
async function halfLoaded(): Promise<CityTiles> {
  const tiles = createBuildings("http://city.test/tileset.json", new Frame({ lon: 127, lat: 37.5, height: 0 }), 16);
  const body = new ReadableStream({
    start(sink) {
      bodyArrives = () => sink.close();
    },
  });
  tiles.registerPlugin({
    fetchData: (url: string) => Promise.resolve(url.endsWith(".json") ? TILESET : new Response(body)),
    parseTile: () => Promise.resolve(),
    calculateTileViewError: (_tile: unknown, target: { inView: boolean; error: number }) => {
      Object.assign(target, { inView: true, error: 1000, distanceFromCamera: 1 });
      return true;
    },
  });
  for (let round = 0; round < 6; round += 1) {
    tiles.update();
    await turn();
  }
  return tiles;
}

beforeEach(() => {
  vi.stubGlobal("requestAnimationFrame", (work: () => void) => setTimeout(work, 0));
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
  vi.stubGlobal("window", { location: { href: "http://city.test/" } });
});
afterEach(() => vi.unstubAllGlobals());

test("a tile whose body is still on its way keeps its tileset busy", async () => {
  const tiles = await halfLoaded();
  tiles.update();
  expect(tiles.root).not.toBeNull();
  expect(tiles.busy).toBe(true);
  bodyArrives();
  for (let round = 0; round < 6; round += 1) await turn();
  tiles.update();
  expect(tiles.busy).toBe(false);
});
