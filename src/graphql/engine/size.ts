/** How large an operation is, with its fragments written out. */
export interface Size {
  readonly depth: number;
  /** The depth below `__schema` and `__type`, which nest deeper than anything else that is asked for. */
  readonly introspectionDepth: number;
  /** Aliases, and fields that stand once more in the same selection. */
  readonly aliases: number;
  readonly directives: number;
  /** The most directives on one field, fragment or operation. */
  readonly directivesInOnePlace: number;
  /** How many fields the answer may have: what stands below a list counts for each of its rows. */
  readonly complexity: number;
}

/** The size of a selection; what only its list can weigh is kept apart: what stands in `edges`, and `totalCount`. */
export interface Part extends Size {
  readonly perEdge: number;
  readonly counts: number;
}

export const NOTHING: Part = {
  depth: 0,
  introspectionDepth: 0,
  aliases: 0,
  directives: 0,
  directivesInOnePlace: 0,
  complexity: 0,
  perEdge: 0,
  counts: 0,
};

/** Nested fragments multiply; beyond this the exact size does not matter. */
export const MOST = 1e15;

export const added = (a: Part, b: Part): Part => ({
  depth: Math.max(a.depth, b.depth),
  introspectionDepth: Math.max(a.introspectionDepth, b.introspectionDepth),
  aliases: Math.min(MOST, a.aliases + b.aliases),
  directives: Math.min(MOST, a.directives + b.directives),
  directivesInOnePlace: Math.max(a.directivesInOnePlace, b.directivesInOnePlace),
  complexity: Math.min(MOST, a.complexity + b.complexity),
  perEdge: Math.min(MOST, a.perEdge + b.perEdge),
  counts: Math.min(MOST, a.counts + b.counts),
});

export function withDirectives(
  { directives }: { readonly directives?: readonly unknown[] | undefined },
  part: Part,
): Part {
  const count = directives?.length ?? 0;
  if (count === 0) return part;
  const directivesInOnePlace = Math.max(part.directivesInOnePlace, count);
  return { ...part, directives: part.directives + count, directivesInOnePlace };
}
