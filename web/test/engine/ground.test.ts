import { expect, it } from "vitest";

import { Frame } from "../../src/engine/frame";
import { isKnown, knownArea } from "../../src/engine/ground";

it("knows the ground within its source's rectangle alone", () => {
  const frame = new Frame({ lon: 126.98, lat: 37.57, height: 0 });
  const known = knownArea(frame, [126.94, 37.54, 127.02, 37.6]);
  const at = (lon: number, lat: number) => {
    const { x, z } = frame.place(lon, lat, 40);
    return isKnown(known, x, z);
  };
  expect([at(126.98, 37.57), at(126.942, 37.598)]).toEqual([true, true]);
  expect([at(126.93, 37.57), at(127.03, 37.57), at(126.98, 37.53), at(126.98, 37.61)]).toEqual([false, false, false, false]);
});
