import type { ServerResponse } from 'node:http';
import type { Follower, News } from '../../operations/follow-changes.ts';
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
 * the change log again when it does. Only the end of the log before the client's position, or a fault, completes the stream.
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

  const write = async (text: string): Promise<boolean> => {
    if (response.destroyed || response.write(text)) return true;
    await new Promise<void>((resolve) => {
      resume = resolve;
      response.once('drain', resolve);
    });
    return false;
  };

  /** Sends changes, and returns the position up to which there are no others; a slow client stops it on its way. */
  async function send({ changes, seq }: News): Promise<number> {
    let text = '';
    for (const change of changes) {
      await pace();
      text += await events.textOf(change);
      sent = change.seq;
      if (text.length < SLICE_CHARACTERS) continue;
      if (!(await write(text))) return sent;
      text = '';
    }
    if (text !== '') await write(text);
    return seq;
  }

  try {
    await write(startText(cursorOf(sent)));
    let position = sent;
    for (;;) {
      const news = await follower.changesAfter(position);
      if (!news) return;
      position = await send(news);
    }
  } catch (error) {
    if (!response.destroyed) response.end(events.textOfError(error, sent) + COMPLETE);
  }
}

function sendPing(response: ServerResponse): void {
  if (!response.destroyed && !response.writableNeedDrain) response.write(PING);
}
