import type { ServerResponse } from 'node:http';
import type { Follower } from '../../operations/follow-changes.ts';
import type { EventPace } from './event-pace.ts';
import { COMPLETE, PING, PING_MS, startText } from './event-text.ts';
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
  response: ServerResponse,
  follower: Follower,
  events: SelectionEvents,
  { pace, cursorOf }: Sending,
): Promise<void> {
  const ping = setInterval(sendPing, PING_MS, response);
  let resume: (() => void) | undefined;
  response.once('close', () => {
    clearInterval(ping);
    follower.leave();
    events.release();
    resume?.();
  });
  /** The position of the last event. */
  let sent = follower.seq;

  /** Sends the next events, as many as the client takes, and returns the position up to which there are no others. */
  async function sendNext(after: number): Promise<number | undefined> {
    const news = await follower.changesAfter(after);
    let text = '';
    for (const change of news?.changes ?? []) {
      await pace();
      text += await events.textOf(change);
      sent = change.seq;
      if (text.length < SLICE_CHARACTERS) continue;
      send(response, text);
      if (response.writableNeedDrain) return sent;
      text = '';
    }
    if (text !== '') send(response, text);
    return news?.seq;
  }

  try {
    send(response, startText(cursorOf(sent)));
    let position: number | undefined = sent;
    while (position !== undefined) {
      if (response.writableNeedDrain) {
        await new Promise<void>((resolve) => {
          resume = resolve;
          response.once('drain', resolve);
        });
      }
      position = await sendNext(position);
    }
  } catch (error) {
    if (!response.destroyed) response.end(events.textOfError(error, sent) + COMPLETE);
  }
}

/** Writing to a response whose client has left would be a fault. */
function send(response: ServerResponse, text: string): void {
  if (!response.destroyed) response.write(text);
}

function sendPing(response: ServerResponse): void {
  if (!response.writableNeedDrain) send(response, PING);
}
