import { setImmediate as nextTurn } from 'node:timers/promises';

/** So many bytes are read at once: some hundred rows, half a millisecond. */
const SLICE_BYTES = 8 * 1024;

/** The bytes of a file, between which others are served. */
export interface Slices extends AsyncIterable<Uint8Array> {
  /** The share of the file that was read, from 0 to 1. */
  share(): number;
}

export function slicesOf(bytes: Uint8Array): Slices {
  let read = 0;
  return {
    share: () => (bytes.length === 0 ? 1 : read / bytes.length),
    async *[Symbol.asyncIterator]() {
      while (read < bytes.length) {
        const slice = bytes.subarray(read, read + SLICE_BYTES);
        read += slice.length;
        yield slice;
        await nextTurn();
      }
    },
  };
}
