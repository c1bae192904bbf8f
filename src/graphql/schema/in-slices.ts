/** How many items of a list are completed in one turn of the event loop. */
const SLICE = 100;

/** Hands a long list on slice by slice, a turn of the event loop for each, so that writing its answer holds nobody up. */
export function inSlices<T>(items: readonly T[]): readonly (T | Promise<T>)[] {
  const slices: (T | Promise<T>)[] = items.slice(0, SLICE);
  let turn: Promise<unknown> = Promise.resolve();
  for (let start = SLICE; start < items.length; start += SLICE) {
    const nextTurn = turn.then(() => new Promise(setImmediate));
    for (const item of items.slice(start, start + SLICE)) slices.push(nextTurn.then(() => item));
    turn = nextTurn;
  }
  return slices;
}
