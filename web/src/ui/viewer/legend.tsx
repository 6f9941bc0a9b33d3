// What the colours of the city say.

import type { JSX } from "preact";

import { PALETTE } from "../../engine/palette";
import { say, type Key, type Lang } from "../../text/words";

const ROWS: readonly { word: Key; colours: readonly string[] }[] = [
  { word: "legend_measured", colours: [PALETTE.limewood] },
  { word: "legend_floors", colours: [PALETTE.birch] },
  { word: "legend_estimated", colours: [PALETTE.ash] },
  { word: "legend_models", colours: ["#5f6f6a", "#3f7d6a", "#b1442b"] },
  { word: "legend_trees", colours: [PALETTE.pine, PALETTE.leaf] },
];

export function Legend({ lang }: { lang: Lang }): JSX.Element {
  return (
    <details class="legend">
      <summary>{say(lang, "legend")}</summary>
      <ul>
        {ROWS.map(({ word, colours }) => (
          <li key={word}>
            <svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
              {colours.map((colour, k) => (
                <rect key={colour} x={(18 / colours.length) * k} width={18 / colours.length} height="18" fill={colour} />
              ))}
            </svg>
            {say(lang, word)}
          </li>
        ))}
      </ul>
    </details>
  );
}
