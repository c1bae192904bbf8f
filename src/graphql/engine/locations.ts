import { type ASTNode, type DocumentNode, type GraphQLError, Kind, type SourceLocation, visit } from 'graphql';

// The engine works out line and column whenever an error is created, by a search from the start of the document each time:
// thousands of errors took seconds. And the location of each node keeps all tokens of the document in memory. So nodes
// keep only their offsets, and the lines of a document are looked up once, when the first of its errors leaves.

const OFFSET = Symbol('offset');

interface Offset {
  readonly start: number;
  readonly text: DocumentText;
}

type Located = ASTNode & { [OFFSET]?: Offset };

/** The text of a document, and where its lines begin. */
class DocumentText {
  readonly body: string;
  #starts: readonly number[] | undefined;

  constructor(body: string) {
    this.body = body;
  }

  locationOf(offset: number): SourceLocation {
    this.#starts ??= [0, ...Array.from(this.body.matchAll(/\r\n|[\n\r]/g), (it) => it.index + it[0].length)];
    const starts = this.#starts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 };
  }
}

/** Replaces the locations of a document's nodes by offsets, so that errors are created without a location. */
export function compactLocations(document: DocumentNode): DocumentNode {
  const text = new DocumentText(document.loc?.source.body ?? '');
  const enter = (node: ASTNode): void => {
    const { loc } = node;
    if (!loc) return;
    (node as Located)[OFFSET] = { start: loc.start, text };
    (node as { loc?: unknown }).loc = undefined;
  };
  visit(document, { enter });
  return document;
}

/** The text that a document was parsed from. */
export const textOf = (document: DocumentNode): string => (document as Located)[OFFSET]?.text.body ?? '';

/** Gives an error the locations of its nodes. */
export function locate(error: GraphQLError): void {
  if (error.locations || !error.nodes) return;
  const locations = error.nodes.flatMap((node) => {
    const offset = (node as Located)[OFFSET];
    return offset && node.kind !== Kind.DOCUMENT ? [offset.text.locationOf(offset.start)] : [];
  });
  if (locations.length > 0) Object.assign(error, { locations });
}
