import { describe, expect, it } from "vitest";

import direction from "../../../docs/art-direction.md?raw";
import { PALETTE } from "../../src/engine/palette";

describe("the art direction", () => {
  it("lists every colour of the city by the name and the value that are drawn", () => {
    for (const [name, value] of Object.entries(PALETTE)) expect(direction).toContain(`| ${name} | \`${value}\` |`);
  });
});
