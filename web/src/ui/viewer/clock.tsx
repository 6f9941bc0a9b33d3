// Day and hour of the light: a small box beside the controls.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { clockOf, hourText, MORNING, timeOf, type Clock } from "../../state/clock";
import { say } from "../../text/words";
import { Glyph } from "../glyphs";
import type { Actions, ViewerState } from "./state";

const STEP_MINUTES = 5;

export function ClockBox({ state, actions }: { state: ViewerState; actions: Actions }): JSX.Element {
  const { lang } = state;
  const now = clockOf(state.time ?? MORNING);
  const slider = useRef<HTMLInputElement>(null);
  useEffect(() => slider.current?.focus({ preventScroll: true }), []);
  const set = (part: Partial<Clock>) => {
    const time = timeOf({ ...now, ...part });
    if (time) actions.time(time);
  };
  return (
    <section class="clock" data-furniture id="clock" aria-label={say(lang, "clock")}>
      <div class="clock-head">
        <output>{hourText(now.minute)}</output>
        <input
          type="date"
          value={now.day}
          aria-label={say(lang, "clock_day")}
          onChange={(event) => set({ day: event.currentTarget.value })}
        />
        <button type="button" class="round" aria-label={say(lang, "close")} onClick={() => actions.clock(false)}>
          <Glyph name="close" />
        </button>
      </div>
      <input
        ref={slider}
        type="range"
        min={0}
        max={24 * 60 - STEP_MINUTES}
        step={STEP_MINUTES}
        value={now.minute}
        aria-label={say(lang, "clock_hour")}
        aria-valuetext={hourText(now.minute)}
        onInput={(event) => set({ minute: event.currentTarget.valueAsNumber })}
      />
      <p class="hours" aria-hidden="true">
        {[0, 6, 12, 18, 24].map((hour) => (
          <span key={hour}>{hour}</span>
        ))}
      </p>
      <p class="doors">
        <button type="button" class="door" onClick={() => actions.time(new Date())}>
          {say(lang, "clock_now")}
        </button>
        <button type="button" class="door" disabled={state.time === null} onClick={() => actions.time(null)}>
          {say(lang, "clock_reset")}
        </button>
      </p>
    </section>
  );
}
