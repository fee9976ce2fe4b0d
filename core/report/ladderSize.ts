/** Width and height, in pixels, of the dot plot of a ladder with this many rows. */
export function ladderSize(rows: number): [width: number, height: number] {
  return [720, 60 + 34 * rows];
}
