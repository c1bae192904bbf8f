import { giveWay } from '../../operations/give-way.ts';

/** The most events sent in one turn of the event loop, by all streams together; then there is a pause. */
const EVENTS_PER_TURN = 500;
/** The longest such pause. */
const MAX_PAUSE_MS = 10;

/** Counts an event: nothing when it may be sent now, otherwise a promise that resolves when it may. */
export type EventPace = () => Promise<void> | undefined;

/** Paces the events of all streams, so that others are served while many followers receive a bulk of changes. */
export function createEventPace(): EventPace {
  let left = EVENTS_PER_TURN;
  let isCounting = false;
  let pause: Promise<void> | undefined;
  const endTurn = () => {
    isCounting = false;
    if (!pause) left = EVENTS_PER_TURN;
  };
  const endPause = () => {
    left = EVENTS_PER_TURN;
    pause = undefined;
  };
  async function wait(): Promise<void> {
    while (left === 0) {
      pause ??= giveWay(MAX_PAUSE_MS).then(endPause);
      await pause;
    }
    left--;
  }
  return () => {
    if (!isCounting) {
      isCounting = true;
      setImmediate(endTurn);
    }
    if (left === 0) return wait();
    left--;
    return undefined;
  };
}
