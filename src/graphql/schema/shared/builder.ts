import SchemaBuilder from '@pothos/core';
import type { Caller } from '../../../domain/caller.ts';
import type { LiveTail } from '../../../operations/follow-changes.ts';
import type { Store } from '../../../store/store.ts';
import type { Locale } from '../../../texts/texts.ts';
import type { InTurn } from '../../engine/in-turn.ts';
import type { StreamPosition } from '../../http/event-stream.ts';
import type { Loaders } from './loaders.ts';

/** What every resolver is handed: where flats live, who asks, and in which language the answer speaks. */
export interface GraphQLContext {
  readonly store: Store;
  readonly loaders: Loaders;
  readonly tail: LiveTail;
  readonly caller: Caller;
  readonly actor: string;
  readonly locale: Locale;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The signal that aborts when the caller leaves; it is made when it is asked for, since few need it. */
  readonly signal: () => AbortSignal;
  /** Aborts when the service stops. */
  readonly stop: AbortSignal;
  /** How far the answer has got, where it is a stream of the log. */
  readonly position: StreamPosition;
  /** The cursor of the last event that a client saw which reconnects by itself. */
  readonly lastEventId: string | undefined;
  /** Takes so many bytes for the answer until it is out; false when too much is kept for others. */
  readonly reserve: (bytes: number) => boolean;
  /** Counts a subscription that begins; false when the caller has as many open as it may. */
  readonly beginStream: () => boolean;
  /** Reads much, one caller after the other. */
  readonly inTurn: InTurn;
  /** Writes a line to the log. */
  readonly logInfo: (about: object, message: string) => void;
}

export const builder = new SchemaBuilder<{
  Context: GraphQLContext;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: number };
    DateTime: { Input: number; Output: number };
  };
}>({ defaultFieldNullability: false });

builder.queryType({ description: 'Reading. Nothing here waits for a writer.' });
builder.subscriptionType({ description: 'Following live, over server-sent events.' });
builder.mutationType({ description: 'Changing. What is answered with success is on disk.' });
