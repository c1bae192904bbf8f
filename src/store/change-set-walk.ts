/** The parts of the statement, as a dialect spells them. */
export interface WalkParts {
  /** The table of runs with its name, and its columns. */
  readonly runs: string;
  readonly first: string;
  readonly last: string;
  readonly changeSet: string;
  /** The seq of the row of the log that is next to `at`; null when there is none. */
  readonly next: string;
}

/**
 * The statement that finds the change sets which begin between `@lower` and `@upper`, both exclusive, from either end on. It steps from
 * row to row, and over each run at once: a job of a million flats with nothing in between is one step, and one of 20,000 runs between changes of others takes 77 ms on SQLite to
 * step over, where only the sets of its actor are wanted. `at` is by turns a row of
 * the log, and the place from which the next one is looked for.
 */
export function walkSets({ runs, first, last, changeSet, next }: WalkParts, down: boolean): string {
  const [from, to] = down ? ['@upper', '@lower'] : ['@lower', '@upper'];
  const isBefore = down ? `at > ${to}` : `at < ${to}`;
  const ofRun = (value: string) =>
    `coalesce((select case when ${last} < at then at ${value} end from ${runs} where ${first} <= at order by ${first} desc limit 1), at)`;
  return `with recursive walk(at, is_row) as (
      select ${from}, 0
      union all
      select case when is_row = 1 then ${ofRun(`else ${down ? first : last}`)} else coalesce((${next}), ${to}) end, 1 - is_row
      from walk where is_row = 0 or ${isBefore}
    )
    select start from (
      select ${ofRun(`when ${first} = ${changeSet} then ${first} else 0`)} as start from walk where is_row = 1 and ${isBefore}
    ) begun where start > @lower and start < @upper limit @limit`;
}
