import { describe, expect, it } from "vitest";

import { clockOf, formatTime, hourText, timeOf } from "../../src/state/clock";
import { parseTime } from "../../src/state/url";

describe("the clock", () => {
  it("tells Korean time, whatever the zone of the browser", () => {
    expect(clockOf(new Date("2026-05-01T19:00:00+09:00"))).toEqual({ day: "2026-05-01", minute: 19 * 60 });
    expect(clockOf(new Date("2026-04-30T15:05:00Z"))).toEqual({ day: "2026-05-01", minute: 5 });
  });

  it("comes back from day and minute", () => {
    for (const text of ["2026-01-01T00:00", "2026-06-30T23:55", "2028-02-29T12:30"]) {
      const time = new Date(`${text}:00+09:00`);
      expect(timeOf(clockOf(time))).toEqual(time);
    }
  });

  it("takes no day for no time", () => {
    expect(timeOf({ day: "", minute: 600 })).toBeNull();
  });

  it("writes into the address what the address reads", () => {
    const time = new Date("2026-05-01T19:05:00+09:00");
    expect(formatTime(time)).toBe("2026-05-01T19:05");
    expect(parseTime(formatTime(time))).toEqual(time);
    expect(hourText(425)).toBe("07:05");
  });
});
