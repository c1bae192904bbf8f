/** Record ids stay exact in JSON numbers. */
export const MAX_ID = Number.MAX_SAFE_INTEGER;

/** Flat numbers fit a GraphQL Int. */
export const MAX_FLAT = 2 ** 31 - 1;

/** `10`, ` 10 ` and `+10` are whole numbers; `010`, `10.0`, `1e3`, `0x1A` and the empty text are not. */
export const WHOLE_NUMBER = /^\s*\+?(0|[1-9]\d*)\s*$/;

export const integerFromText = (text: string): number | undefined =>
  WHOLE_NUMBER.test(text) ? Number(text) : undefined;
