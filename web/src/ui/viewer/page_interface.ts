// The page's programming interface, for checks from outside and for pages that embed the viewer.
//
//   window.smap.pick(x, y)   A promise of what lies under a point of the page (CSS pixels from the left top corner of
//                            the map): { id, smap_id, lon, lat, height, layer }, or null for the sky. lon and lat in
//                            degrees and height in metres above the WGS84 ellipsoid are those of the point where the
//                            ray meets the building or the ground, reckoned in float64 and in full detail: buildings
//                            that are drawn coarsely because they are far away are fetched for it. On the ground id
//                            and smap_id are null and layer is "terrain".
//   window.smap.view(lon, lat, height, heading, tilt)
//                            Put the eye there: degrees, metres above the ellipsoid, heading clockwise from north,
//                            tilt 0 straight down, 90 at the horizon. Called without arguments it tells the view.
//   window.smap.drawn()      The tiles that are on the screen now, by tileset: z/x/y of "terrain", paths of the others.
//   document.documentElement.dataset.ready === "1"
//                            The picture of the present view is complete.

import type { MapView } from "../../engine/map";
import type { View } from "../../state/url";

export interface Picked {
  id: string | null;
  smap_id: string | null;
  lon: number;
  lat: number;
  height: number;
  layer: string;
}

export interface PageInterface {
  pick(x: number, y: number): Promise<Picked | null>;
  drawn(): Record<string, string[]>;
  view(lon?: number, lat?: number, height?: number, heading?: number, tilt?: number): View;
}

declare global {
  interface Window {
    smap?: PageInterface;
  }
}

const text = (value: unknown) => (value === null || value === undefined ? null : String(value));

export function exposePage(map: MapView): void {
  window.smap = {
    async pick(x, y) {
      const found = await map.pick(x, y);
      if (!found) return null;
      const { lon, lat, height, layer, properties } = found;
      return { id: text(properties?.["id"]), smap_id: text(properties?.["smap_id"]), lon, lat, height, layer };
    },
    drawn: () => map.drawn(),
    view(lon, lat, height, heading, tilt) {
      const now = map.view();
      if (lon !== undefined) {
        map.setView({
          lon,
          lat: lat ?? now.lat,
          height: height ?? now.height,
          heading: heading ?? now.heading,
          tilt: tilt ?? now.tilt,
        });
      }
      return map.view();
    },
  };
}
