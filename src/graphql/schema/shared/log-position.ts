import type { LogPosition } from '../../../domain/change.ts';

/** The text of a position, before it is made opaque. */
export const formatPosition = ({ epoch, seq }: LogPosition): string => `${epoch}.${seq}`;

/** The position of a text; `undefined` for what is not one. */
export function parsePosition(text: string): LogPosition | undefined {
  const [, epoch, seq] = /^([0-9a-f]+)\.(0|[1-9]\d{0,15})$/.exec(text) ?? [];
  return epoch && seq && Number.isSafeInteger(Number(seq)) ? { epoch, seq: Number(seq) } : undefined;
}
