import SchemaBuilder from '@pothos/core';
import type { Locale } from '../domain/texts.ts';
import type { Store } from '../store/store.ts';

/** What every resolver is handed: where flats live, who asks, and in which language the answer speaks. */
export interface GraphQLContext {
  readonly store: Store;
  readonly actor: string;
  readonly locale: Locale;
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
builder.mutationType({ description: 'Changing. What is answered with success is on disk.' });
