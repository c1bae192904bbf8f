import { stillMayCall } from '../../operations/authenticate.ts';
import type { Job, JobCounts, JobProgress, JobState } from '../../operations/job.ts';
import { enumValues } from './shared/arguments.ts';
import { builder, type GraphQLContext } from './shared/builder.ts';
import { formatGlobalId } from './shared/global-id.ts';

/** The end of each job's description. */
export const JOB =
  'a chunk of them at a time, and answers at the end. Other updates go on beside it. It stops when the client leaves, its token is revoked or the service stops: what was changed stays, and the same call again finishes the rest.';

const STOPS = {
  SHUTTING_DOWN: 'The service stops.',
  TOKEN_REVOKED: 'The token of the caller was revoked.',
  STORAGE_BUSY: 'The storage is busy or full, or cannot be written.',
  OUTCOME_UNKNOWN: 'The disk failed in a commit: up to 50 more flats may be changed than are counted.',
  AT_MOST: 'Others changed flats meanwhile, so that more than `atMost` would have been changed.',
  LOG_PRUNED: 'Changes that were to be taken back were pruned meanwhile.',
} as const;

const UpdateStop = builder.enumType('UpdateStop', {
  description: 'Why an update of many flats stopped early.',
  values: enumValues(STOPS),
});

const isStop = (state: string): state is keyof typeof STOPS => state in STOPS;

/** Why a job stopped, if it did not process everything. */
const stopOf = (state: JobState): keyof typeof STOPS | null =>
  state === 'DONE' ? null : isStop(state) ? state : 'SHUTTING_DOWN';

type Result = JobProgress<JobCounts>;
type ResultFields<T extends Result> = Parameters<
  Parameters<ReturnType<typeof builder.objectRef<T>>['implement']>[0]['fields'] & object
>[0];

/** The fields that the results of all jobs have. */
export const jobFields = <T extends Result>(t: ResultFields<T>, changed: string) => ({
  changed: t.int({ description: changed, resolve: (it: Result) => it.changed }),
  leftSilent: t.int({
    description: 'Flats among the changed ones that were left with no line that rings; in a dry run, would be.',
    resolve: (it: Result) => it.leftSilent,
  }),
  changeSet: t.id({
    nullable: true,
    description: 'The `id` of the `ChangeSet` that this call is; null when it changed nothing, and in a dry run.',
    resolve: ({ changeSet }: Result, _: object, { store }: GraphQLContext) =>
      changeSet === undefined
        ? null
        : formatGlobalId({ type: 'ChangeSet', record: { epoch: store.epoch, seq: changeSet } }),
  }),
  stoppedBy: t.field({
    type: UpdateStop,
    nullable: true,
    description: 'Null when every flat was processed. Otherwise the same call again finishes the rest.',
    resolve: ({ state }: Result) => stopOf(state),
  }),
});

/** The field of an input of a job that tries it out. */
export const DRY_RUN = {
  required: true,
  defaultValue: false,
  description: 'Change nothing; only report what would be changed.',
} as const;

/** A job of a request: it stops when the client leaves or the service stops, and logs its progress under the name of the mutation. */
export function createJob<Counts extends JobCounts>(
  { store, now, signal, stop, caller, actor, logInfo }: GraphQLContext,
  dryRun: boolean,
  name: string,
): Job<Counts> {
  const left = signal();
  return {
    store,
    now,
    stopped: async () => {
      if (left.aborted || stop.aborted) return 'STOPPED';
      return (await stillMayCall(store, caller, now())) ? undefined : 'TOKEN_REVOKED';
    },
    report: ({ kind: _, changeSet: __, ...counts }) => logInfo({ actor, dryRun, ...counts }, name),
  };
}
