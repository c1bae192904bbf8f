import SchemaBuilder from '@pothos/core';
import type { Caller } from '../../../domain/caller.ts';
import type { ChangeFeed } from '../../../operations/follow-changes.ts';
import type { ThreadStore } from '../../../store/store.ts';
import type { Locale } from '../../../texts/index.ts';
import type { Loaders } from './loaders.ts';

/** Which installation this is. */
export interface About {
  readonly name: string | undefined;
  readonly version: string;
}

/** The context of every resolver: the store, the caller, and the language of the answer. */
export interface GraphQLContext {
  readonly store: ThreadStore;
  readonly loaders: Loaders;
  readonly feed: ChangeFeed;
  readonly about: About;
  readonly caller: Caller;
  readonly actor: string;
  readonly locale: Locale;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The signal that aborts when the client leaves; created on first use, since few need it. */
  readonly signal: () => AbortSignal;
  /** Aborts when the service stops. */
  readonly stop: AbortSignal;
  /** The cursor of the last event that a reconnecting client saw. */
  readonly lastEventId: string | undefined;
  /** Reserves bytes for the answer until it is sent; false when too much is held for others. */
  readonly reserve: (bytes: number) => boolean | Promise<boolean>;
  /** Counts a new subscription; false when the caller has reached its limit. */
  readonly beginStream: () => boolean;
  /** Whether the answer says what it cost. */
  readonly asksCost: boolean;
  /** Writes a line to the log. */
  readonly logInfo: (about: object, message: string) => void;
}

export const builder = new SchemaBuilder<{
  Context: GraphQLContext;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: number | string };
    DateTime: { Input: number; Output: number };
  };
}>({ defaultFieldNullability: false });

builder.queryType({ description: 'Queries. They never wait for a writer.' });
builder.subscriptionType({ description: 'Subscriptions, over server-sent events, WebSockets or multipart answers.' });
builder.mutationType({ description: 'Mutations. A successful answer means that the change is on disk.' });
