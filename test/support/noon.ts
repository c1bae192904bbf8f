/** What the clock of a test says unless the test has one of its own. */
export const NOON = Date.UTC(2026, 10, 23, 12);
