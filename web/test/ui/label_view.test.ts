import { expect, it } from "vitest";

import { signName } from "../../src/ui/label_view";

it("leaves what stands in brackets at the end of a long name to its card", () => {
  expect(signName("Cheonggyecheon Stream (Cheonggye Plaza)")).toBe("Cheonggyecheon Stream");
  expect(signName("Baegak (Bugaksan) Summit of the City Wall")).toBe("Baegak (Bugaksan) Summit of the City Wall");
  expect(signName("Deoksugung (palace)")).toBe("Deoksugung (palace)");
});
