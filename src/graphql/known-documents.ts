import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import type { CompiledQuery } from 'graphql-jit';
import type { GraphQLContext } from './builder.ts';
import type { Judge } from './judge-documents.ts';
import { schema } from './schema.ts';

/** The most documents that are remembered; clients send few, each many times. */
const KEPT_DOCUMENTS = 500;
/** The longest one that is, in UTF-16 code units. */
const LONGEST_KEPT = 20_000;

/** Which execution of a document compiles it: that takes some two milliseconds, too much for what comes once. */
const COMPILED_AT = 5;

type Variables = Readonly<Record<string, unknown>>;

/** A document that breaks no rule. */
export interface KnownDocument {
  readonly document: DocumentNode;
  execute(
    contextValue: GraphQLContext,
    variableValues: Variables | undefined,
    operationName: string | undefined,
  ): Promise<ExecutionResult>;
}

/** Documents by their text. A thousand streams of one document hold it once. */
export interface KnownDocuments {
  /** Finds a document, or reads and judges it; `undefined` for one that cannot be read or breaks a rule. */
  read(query: string): KnownDocument | undefined;
  /** Finds a document only if it was kept. */
  find(query: string): KnownDocument | undefined;
  /** Keeps a document that was found to break no rule, unless it is long. */
  keep(query: string, document: DocumentNode): void;
}

export function knownDocuments(judge: Judge): KnownDocuments {
  const kept = new Map<string, KnownDocument>();

  function judged(query: string): KnownDocument | undefined {
    try {
      const document = judge.parse(query);
      return judge.errorsOf(document).length === 0 ? known(document, judge) : undefined;
    } catch {
      return undefined;
    }
  }

  function use(query: string, found: KnownDocument | undefined): KnownDocument | undefined {
    if (!found || query.length > LONGEST_KEPT) return found;
    // The one that was used least recently makes room for a new one.
    if (!kept.delete(query) && kept.size === KEPT_DOCUMENTS) kept.delete(kept.keys().next().value as string);
    kept.set(query, found);
    return found;
  }

  return {
    read: (query) => use(query, kept.get(query) ?? judged(query)),
    find: (query) => use(query, kept.get(query)),
    keep: (query, document) => void use(query, known(document, judge)),
  };
}

/** A document that comes again and again is compiled: each execution takes a tenth of the time from then on. */
function known(document: DocumentNode, { hideSuggestions }: Judge): KnownDocument {
  // Fragments are written out where they stand, and a few that nest can become more code than fits in memory.
  const [operation, ...others] = document.definitions;
  const compilable =
    operation?.kind === Kind.OPERATION_DEFINITION && others.length === 0 && !hasVariableInObject(document);
  let executions = 0;
  let compiled: CompiledQuery | undefined;
  return {
    document,
    async execute(contextValue, variableValues, operationName) {
      if (++executions === COMPILED_AT && compilable) compiled = await compile(document);
      // The engine itself says what is wrong with variables; compiled code words it otherwise, and knows no `@oneOf`.
      if (!compiled || !areGood(operation as OperationDefinitionNode, variableValues)) {
        return execute({ schema, document, contextValue, variableValues, operationName, hideSuggestions });
      }
      const result: ExecutionResult = await compiled.query(undefined, contextValue, variableValues);
      return result.errors ? { ...result, errors: result.errors.map((it) => placed(it, document)) } : result;
    },
  };
}

/** The compiler is loaded when it is first needed: a start without it is a tenth shorter. */
async function compile(document: DocumentNode): Promise<CompiledQuery | undefined> {
  const { compileQuery, isCompiledQuery } = await import('graphql-jit');
  const compiled = compileQuery(schema, document);
  return isCompiledQuery(compiled) ? compiled : undefined;
}

/** Whether a variable stands inside an object of the document, where compiled code would not see that `@oneOf` got a null. */
function hasVariableInObject(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    ObjectField({ value }) {
      if (value.kind === Kind.VARIABLE) found = true;
    },
  });
  return found;
}

const areGood = ({ variableDefinitions = [] }: OperationDefinitionNode, values: Variables = {}): boolean =>
  !('errors' in getVariableValues(schema, variableDefinitions, values, { maxErrors: 1 }));

/** Compiled code tells where an error is by line and column alone; everything else goes by positions in the source. */
function placed({ message, locations, path, originalError, extensions }: GraphQLError, { loc }: DocumentNode) {
  const source = loc?.source;
  const ends = [0, ...Array.from(source?.body.matchAll(/\r\n|[\n\r]/g) ?? [], (it) => it.index + it[0].length)];
  const positions = locations?.map(({ line, column }) => (ends[line - 1] ?? 0) + column - 1);
  return new GraphQLError(message, { source, positions, path, originalError, extensions });
}
