import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../../domain/caller.ts';
import type { CheckedDocument } from '../engine/document-cache.ts';
import type { StreamPosition } from './event-stream.ts';
import type { RequestParams } from './request.ts';

/** What Yoga is handed with a request. */
export interface Served {
  readonly caller: Caller;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The position of the answer, where it is a stream of the change log. */
  readonly position: StreamPosition;
  /** What the request asks for; throws what is wrong with it. */
  readonly params: () => RequestParams;
  /** The document, where it was judged already. */
  readonly judged: CheckedDocument | undefined;
}
