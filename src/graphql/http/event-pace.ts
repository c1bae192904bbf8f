import { giveWay } from '../../operations/give-way.ts';

/** How many events are sent in one turn of the event loop, by all streams together; then there is a pause. */
const EVENTS = 500;
/** How long such a pause lasts at the most, in milliseconds. */
const LONGEST_PAUSE = 10;

/** Resolves when the next event may be sent, in the order of the calls. */
export type EventPace = () => Promise<void>;

/** Paces the events of all streams: however many follow a bulk of changes, others are served meanwhile. */
export function eventPace(): EventPace {
  let left = EVENTS;
  let isCounting = false;
  let pause: Promise<void> | undefined;
  const endTurn = () => {
    isCounting = false;
    if (!pause) left = EVENTS;
  };
  const endPause = () => {
    left = EVENTS;
    pause = undefined;
  };
  return async () => {
    if (!isCounting) {
      isCounting = true;
      setImmediate(endTurn);
    }
    while (left === 0) {
      pause ??= giveWay(LONGEST_PAUSE).then(endPause);
      await pause;
    }
    left--;
  };
}
