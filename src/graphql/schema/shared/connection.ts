import type { InterfaceRef, ObjectRef } from '@pothos/core';
import { type Counted, type Listed, MAX_COUNT, type Page } from '../../../domain/page.ts';
import { PER_ROW, ROW_COST, TOTAL_COST } from '../../engine/costs.ts';
import { badInput } from './arguments.ts';
import { builder } from './builder.ts';

/** How many rows a page has when the caller does not say, and at the most. */
export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 500;

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export interface Edge<Node> {
  readonly cursor: string;
  readonly node: Node;
}

/** A page of a list as the Relay cursor connections specification has it. */
export interface Connection<Node> {
  readonly edges: readonly Edge<Node>[];
  readonly pageInfo: PageInfo;
  /** Counted once, and only when it is asked for. */
  readonly count: () => Promise<Counted>;
}

export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

const PageInfoType = builder.objectRef<PageInfo>('PageInfo').implement({
  description: 'Where a page stands in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether rows follow this page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', { description: 'Whether rows precede this page.' }),
    startCursor: t.exposeString('startCursor', { nullable: true, description: 'The cursor of the first row.' }),
    endCursor: t.exposeString('endCursor', { nullable: true, description: 'The cursor of the last row.' }),
  }),
});

type Types = typeof builder.$inferSchemaTypes;
type NodeRef<Node> = ObjectRef<Types, Node, Node> | InterfaceRef<Types, Node, Node>;

/** The connection type of a list, and the type of its edges. */
export function connectionType<Node extends object>(name: string, node: NodeRef<Node>, rows: string) {
  const Edge = builder.objectRef<Edge<Node>>(`${name}Edge`).implement({
    description: 'A row of the list and its position.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'The position in the list. Opaque: keep it and send it back.' }),
      node: t.field({ type: node as never, description: 'The row.', resolve: (edge) => edge.node as never }),
    }),
  });
  const Connection = builder.objectRef<Connection<Node>>(`${name}Connection`).implement({
    description: `A page of ${rows}.`,
    fields: (t) => ({
      edges: t.field({
        ...PER_ROW,
        type: [Edge],
        description: `The rows with their positions, in the order of the list. ${ROW_COST}`,
        resolve: (it) => it.edges,
      }),
      nodes: t.field({
        ...PER_ROW,
        type: [node as never],
        description: `The rows alone, in the order of the list. ${ROW_COST}`,
        resolve: (it) => it.edges.map((edge) => edge.node) as never,
      }),
      pageInfo: t.expose('pageInfo', { type: PageInfoType, description: 'Where this page stands in the list.' }),
      totalCount: t.int({
        description: `How many ${rows} there are in all pages; counted only when it is asked for, and up to ${MAX_COUNT} where nothing keeps \
count of them. ${TOTAL_COST}`,
        resolve: async (it) => (await it.count()).count,
      }),
      totalCountIsExact: t.boolean({
        description:
          'Whether there are just so many; otherwise there are at least so many. Counts like the count itself.',
        resolve: async (it) => (await it.count()).isExact,
      }),
    }),
  });
  return { Connection, Edge };
}

/** The four arguments of every list. */
export const pageArgs = builder.args((t) => ({
  first: t.int({
    description: `How many rows from the start: 0 to ${MAX_PAGE}; ${DEFAULT_PAGE} when neither is sent.`,
  }),
  after: t.string({ description: 'Only rows after this cursor.' }),
  last: t.int({ description: `How many rows from the end: 0 to ${MAX_PAGE}; not together with first.` }),
  before: t.string({ description: 'Only rows before this cursor.' }),
}));

/** Reads the four arguments; nothing is clamped silently. */
export function pageFromArgs<Position>(
  { first, after, last, before }: PageArgs,
  positionOf: (cursor: string, name: string) => Position,
): Page<Position> {
  const isCount = (it: number | null | undefined) => it == null || (it >= 0 && it <= MAX_PAGE);
  if (first != null && last != null) throw badInput('Send either first or last, not both.');
  if (!isCount(first)) throw badInput(`first must be from 0 to ${MAX_PAGE}.`);
  if (!isCount(last)) throw badInput(`last must be from 0 to ${MAX_PAGE}.`);
  return {
    limit: first ?? last ?? DEFAULT_PAGE,
    fromEnd: last != null,
    after: after == null ? undefined : positionOf(after, 'after'),
    before: before == null ? undefined : positionOf(before, 'before'),
  };
}

/** The connection that a page of a list makes. */
export function connectionOf<Node, Position>(
  page: Page<Position>,
  { rows, hasMore }: Listed<Node>,
  cursorOf: (node: Node) => string,
  count: () => Promise<Counted>,
): Connection<Node> {
  const edges = rows.map((node) => ({ cursor: cursorOf(node), node }));
  let counted: Promise<Counted> | undefined;
  return {
    edges,
    count() {
      counted ??= count();
      return counted;
    },
    pageInfo: {
      hasNextPage: page.fromEnd ? page.before !== undefined : hasMore,
      hasPreviousPage: page.fromEnd ? hasMore : page.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
