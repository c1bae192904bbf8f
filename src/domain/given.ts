/** Stands for a value that was sent but could not be read as what its field holds. */
export const UNREADABLE = Symbol('unreadable');

/** A field as a door read it: a value, nothing, or something unreadable. */
export type Given<T> = T | undefined | typeof UNREADABLE;
