import type { ExecutionResult, GraphQLError, OperationDefinitionNode, ValidatedSubscriptionArgs } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Change } from '../../domain/change.ts';
import type { Locale } from '../../texts/index.ts';
import { selectionVariables } from '../engine/selection-variables.ts';
import { executeEvent, sourceError } from '../engine/subscribe.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { type EventText, eventOf } from './event-text.ts';
import { maskErrors } from './mask-errors.ts';

/** The most text of events that is kept for other followers, in UTF-16 code units: enough for those that lag a little. */
const MAX_KEPT = 250_000;

/** The events of one selection. */
export interface SelectionEvents {
  eventOf(change: Change): EventText | Promise<EventText>;
  /** The event of an error that ends a stream, whose last event was the one of the change `seq`. */
  failureOf(error: unknown, seq: number): EventText;
  /** Ends the use by one follower. */
  release(): void;
}

/** Finds the events of a subscription's selection; followers of the same selection in one language get the same ones. */
export type ShareEvents = (args: ValidatedSubscriptionArgs, locale: Locale) => SelectionEvents;

export interface SharedEvents {
  /** The context of their execution. It knows no caller: whoever may follow gets the same event. */
  readonly context: (locale: Locale) => GraphQLContext;
  readonly cursorOf: (seq: number) => string;
  /** What callers may see of an error. */
  readonly maskError: (error: unknown) => GraphQLError;
}

interface Selection {
  readonly id: number;
  readonly args: ValidatedSubscriptionArgs;
  followers: number;
}

/**
 * Each event of a selection is executed and serialized once, however many follow. Filter and position are arguments of the
 * subscription field and not part of the selection, so that followers of different intercoms share as well.
 */
export function createShareEvents({ context, cursorOf, maskError }: SharedEvents): ShareEvents {
  const selections = new Map<string, Selection>();
  const kept = new LRUCache<string, EventText | Promise<EventText>>({
    maxSize: MAX_KEPT,
    sizeCalculation: (event) => (event instanceof Promise ? 1 : event.result.length),
  });
  const ids = new WeakMap<OperationDefinitionNode, number>();
  let lastId = 0;

  /** The same for operations of one document with equal values of all variables in their selection. */
  function keyOf({ operation, fragmentDefinitions, variableValues: { coerced } }: ValidatedSubscriptionArgs): string {
    const id = ids.get(operation) ?? ++lastId;
    ids.set(operation, id);
    const values = selectionVariables(operation, fragmentDefinitions).map((name) =>
      name in coerced ? [coerced[name]] : null,
    );
    return JSON.stringify([id, values]);
  }

  function execute(args: ValidatedSubscriptionArgs, change: Change): EventText | Promise<EventText> {
    const toEvent = (result: ExecutionResult) => eventOf(cursorOf(change.seq), maskErrors(result, maskError));
    const result = executeEvent(args, change);
    return result instanceof Promise ? result.then(toEvent) : toEvent(result);
  }

  function find({ id, args }: Selection, change: Change): EventText | Promise<EventText> {
    const key = `${id} ${change.seq}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const event = execute(args, change);
    kept.set(key, event);
    // What did not wait for the store is of the change alone, and stays true. The rest is of the present: it is for those
    // that were woken together.
    if (event instanceof Promise) process.nextTick(() => kept.delete(key));
    return event;
  }

  return (args, locale) => {
    const key = `${locale} ${keyOf(args)}`;
    const selection = selections.get(key) ?? {
      id: ++lastId,
      args: { ...args, contextValue: context(locale) },
      followers: 0,
    };
    selections.set(key, selection);
    selection.followers++;
    return {
      eventOf: (change) => find(selection, change),
      failureOf: (error, seq) => eventOf(cursorOf(seq), { errors: [maskError(sourceError(error, selection.args))] }),
      release() {
        if (--selection.followers === 0) selections.delete(key);
      },
    };
  };
}
