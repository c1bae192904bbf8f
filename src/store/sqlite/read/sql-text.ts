/** `where` with the conditions that are there, or nothing. */
export const where = (conditions: readonly string[]): string =>
  conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';
