// The part of the screen that bar, panel and card leave to the map.

export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** What is left of a screen when each box takes away the side where it costs the least. CSS pixels. */
export function freePart(screen: Area, boxes: readonly Area[]): Area {
  return boxes.reduce((free, box) => {
    const cuts: Area[] = [
      { ...free, left: Math.max(free.left, box.right) },
      { ...free, right: Math.min(free.right, box.left) },
      { ...free, top: Math.max(free.top, box.bottom) },
      { ...free, bottom: Math.min(free.bottom, box.top) },
    ];
    return cuts.reduce((best, cut) => (size(cut) > size(best) ? cut : best));
  }, screen);
}

const size = ({ left, top, right, bottom }: Area) => Math.max(0, right - left) * Math.max(0, bottom - top);

/** A name stands above its place: the two together are brought to the middle. */
const NAME_PX = 24;

/** The ground is seen aslant: what is as long as wide takes half the height. */
const ASLANT = 0.5;

/**
 * The middle of the free part of the page, as shares of the canvas from its left top corner; and its room: half its
 * width, or what a square of ground takes of its height, as a share of the canvas's height.
 */
export function middleOfFreePart(): { x: number; y: number; room: number } {
  const [width, height] = [window.innerWidth, window.innerHeight];
  const boxes = [...document.querySelectorAll(".bar, .panel, .card")].map((element) => element.getBoundingClientRect());
  const free = freePart({ left: 0, top: 0, right: width, bottom: height }, boxes);
  const room = Math.min(free.right - free.left, (free.bottom - free.top) / ASLANT) / 2 / height;
  return { x: (free.left + free.right) / 2 / width, y: ((free.top + free.bottom) / 2 + NAME_PX) / height, room };
}
