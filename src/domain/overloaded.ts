/** The code of a request that comes while too much is kept for others. */
export const OVERLOADED = 'OVERLOADED';
