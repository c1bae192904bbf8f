import type { Follower } from '../../operations/follow-changes.ts';
import type { EventPace } from './event-pace.ts';
import type { EventSink } from './event-sink.ts';
import type { SelectionEvents } from './shared-events.ts';

/** How events are sent, whoever follows. */
export interface Sending {
  readonly pace: EventPace;
  readonly cursorOf: (seq: number) => string;
}

/** So many characters of events are written at once. */
const SLICE_CHARACTERS = 16_000;

/**
 * Sends a follower its events, until its client leaves. Nothing is kept for a slow one: what it has not taken yet is read from
 * the change log again when it does. A fault, or a log that was pruned past its position, ends the stream with an error.
 */
export async function sendEvents(
  sink: EventSink,
  follower: Follower,
  events: SelectionEvents,
  { pace, cursorOf }: Sending,
): Promise<void> {
  sink.onGone(() => {
    follower.leave();
    events.release();
  });
  /** The position of the last event. */
  let last = follower.seq;

  /** Sends the next events, as many as the client takes, and returns the position up to which there are no others. */
  async function sendNext(after: number): Promise<number | undefined> {
    const news = await follower.changesAfter(after);
    let sent = after;
    let slice: string[] = [];
    let size = 0;
    const flush = (seq: number) => {
      sink.send(slice);
      [slice, size, sent, last] = [[], 0, seq, seq];
    };
    for (const [i, change] of news?.changes.entries() ?? []) {
      await pace();
      const event = await events.eventOf(change);
      // Another stream of the same connection may have filled it meanwhile.
      if (sink.isFull || sink.isGone) return sent;
      const text = sink.format.event(event);
      slice.push(text);
      size += text.length;
      if (size >= SLICE_CHARACTERS || i + 1 === news?.changes.length) flush(change.seq);
    }
    return news?.seq;
  }

  try {
    const start = sink.format.start(cursorOf(last));
    if (start !== '') sink.send([start]);
    let position: number | undefined = last;
    while (position !== undefined) {
      while (sink.isFull && !sink.isGone) await sink.drained();
      position = await sendNext(position);
    }
  } catch (error) {
    sink.end(sink.format.failure(events.failureOf(error, last)));
  }
}
