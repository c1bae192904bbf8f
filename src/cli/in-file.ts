import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import type { Terminal } from './command.ts';
import { toFileError } from './out-file.ts';

/** Bytes that are read at once: an import commits the rows of a piece by the thousand, so small ones cost commits. */
const PIECE_BYTES = 256 * 1024;

/** The bytes of a file or of the standard input. */
export interface InFile extends AsyncDisposable {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** How much of it is read, from 0 to 1; `undefined` where its size is not known. */
  share(): number | undefined;
}

/** Opens a file, or with `-` the standard input. The bytes end with an `AbortError` when the signal comes. */
export async function openInFile(file: string, { stdin, signal }: Terminal): Promise<InFile> {
  const isFile = file !== '-';
  const found = isFile
    ? await stat(file).catch((error) => Promise.reject(toFileError('read', file, error)))
    : undefined;
  const size = found?.isFile() ? found.size : undefined;
  const stream: Readable = addAbortSignal(
    signal,
    isFile ? createReadStream(file, { highWaterMark: PIECE_BYTES }) : stdin,
  );
  let read = 0;

  async function* bytes(): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        read += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw toFileError('read', isFile ? file : 'the standard input', error);
    }
  }

  return {
    bytes: bytes(),
    share: () => (size ? Math.min(read / size, 1) : undefined),
    async [Symbol.asyncDispose]() {
      stream.destroy();
    },
  };
}
