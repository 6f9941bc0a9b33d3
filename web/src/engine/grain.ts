// The grain of the ground: one small picture of smooth noise that repeats without a seam. Read at two sizes it gives large
// fields of tone, the mottle of a wood and the fibre of paper; its mipmaps let each fade before it would flicker.

import { DataTexture, LinearFilter, LinearMipmapNearestFilter, RepeatWrapping, RGBAFormat, type Texture } from "three";

import { chanceOf } from "./forest";

const SIZE = 256;
/** Cells of the noise over the picture's width, in its three colours: 8, 32 and 128. */
export const GRAIN_CELLS = [8, 32, 128] as const;

/** Value noise that repeats after so many cells; u and v from 0 to 1, answer from 0 to 1. */
export function grainAt(u: number, v: number, cells: number): number {
  const [x, y] = [u * cells, v * cells];
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const soft = (part: number) => part * part * (3 - 2 * part);
  const [s, t] = [soft(x - i), soft(y - j)];
  const corner = (a: number, b: number) => chanceOf((i + a) % cells, (j + b) % cells, cells);
  const [low, high] = [0, 1].map((b) => corner(0, b) + (corner(1, b) - corner(0, b)) * s) as [number, number];
  return low + (high - low) * t;
}

let grain: Texture | null = null;

/** The picture, made once for the page. */
export function grainTexture(): Texture {
  if (grain) return grain;
  const data = new Uint8Array(SIZE * SIZE * 4);
  for (let y = 0; y < SIZE; y += 1) for (let x = 0; x < SIZE; x += 1) {
    const tones = GRAIN_CELLS.map((cells) => Math.round(255 * grainAt(x / SIZE, y / SIZE, cells)));
    data.set([...tones, 255], (y * SIZE + x) * 4);
  }
  const texture = new DataTexture(data, SIZE, SIZE, RGBAFormat);
  [texture.wrapS, texture.wrapT] = [RepeatWrapping, RepeatWrapping];
  [texture.minFilter, texture.magFilter, texture.generateMipmaps] = [LinearMipmapNearestFilter, LinearFilter, true];
  texture.needsUpdate = true;
  return (grain = texture);
}
