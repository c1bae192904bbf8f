import type { CheckedDocument } from '../engine/document-cache.ts';
import type { DoorExchange } from './door-exchange.ts';
import type { StreamPosition } from './event-stream.ts';
import type { RequestParams } from './request.ts';

/** What Yoga is handed with a request. */
export interface Served {
  readonly exchange: DoorExchange;
  /** The position of the answer, where it is a stream of the change log. */
  readonly position: StreamPosition;
  /** The parameters of the request; throws their error. */
  readonly params: () => RequestParams;
  /** The document, where it was checked already. */
  readonly checked: CheckedDocument | undefined;
}
