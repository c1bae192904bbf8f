/** The change set of a call, which gets its id when the first of its changes is stored. Pieces of one call share it. */
export interface CallSet {
  id: number | undefined;
}

/** Of a call by itself, or of one that goes on with the set of an earlier one. */
export const callSet = (id?: number): CallSet => ({ id });
