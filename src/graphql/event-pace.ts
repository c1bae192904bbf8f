import { giveWay } from '../operations/give-way.ts';

/** How many events are sent between two pauses, by all streams together. */
const EVENTS = 200;
/** How long such a pause lasts at the most, in milliseconds. */
const LONGEST_PAUSE = 10;

/** Resolves when the next event may be sent, in the order of the calls. */
export type EventPace = () => Promise<void>;

/** Paces the events of all streams: however many follow a bulk of changes, others are served meanwhile. */
export function eventPace(): EventPace {
  let left = EVENTS;
  let pause: Promise<void> | undefined;
  const next = () => {
    left = EVENTS;
    pause = undefined;
  };
  return async () => {
    while (left === 0) {
      pause ??= giveWay(LONGEST_PAUSE).then(next);
      await pause;
    }
    left--;
  };
}
