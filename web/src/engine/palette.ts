// The colours of the drawn city, by name (sRGB). docs/art-direction.md lists the same names and values; a test holds
// the two together.

export const PALETTE = {
  /** Walls of a building whose height is measured. */
  limewood: "#ead6b2",
  /** Walls reckoned from the number of floors. */
  birch: "#eadcc3",
  /** Walls whose height is estimated or a usual value. */
  ash: "#e6dfd1",
  /** High towers lean to this, so that they do not outshout the old city. */
  maple: "#dfd9cc",
  /** A quarter of small houses that stands as one block far away. */
  /** Roofs. */
  paper: "#fdf9ef",
  /** What is chosen. */
  cinnabar: "#dd5a31",
  valley: "#d8d0c0",
  meadow: "#c3c7a4",
  forest: "#869d76",
  deep: "#628068",
  rock: "#d5cdbc",
  water: "#9db9c3",
  /** Crowns of the trees, pine to broadleaf. */
  pine: "#6c8b66",
  leaf: "#a9b67c",
  /** Light under the eaves at night. */
  lantern: "#ffb765",
} as const;
