/** Finding a place in what stands in order. No DOM. */

/** The first place from `low` on that is not so, or `high`: all that are so stand before all that are not. @param {number} low @param {number} high @param {(place: number) => boolean} so */
export function firstNot(low, high, so) {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (so(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
