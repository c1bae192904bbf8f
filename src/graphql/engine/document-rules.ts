import {
  type DocumentNode,
  GraphQLError,
  getOperationAST,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  specifiedRules,
  validate,
} from 'graphql';
import type { Scope } from '../../domain/caller.ts';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import { type DocumentLimits, limitExceeded, parseWithin } from './limits.ts';
import { measure } from './measure.ts';
import { describeOperation } from './operation-name.ts';
import { refuseScope, requiredScope } from './scopes.ts';
import type { Size } from './size.ts';

/** The deepest introspection: the query of GraphiQL and code generators is 15 deep below `__schema`. */
const INTROSPECTION_DEPTH = 20;
/** There are two directives, and none may be repeated. */
const DIRECTIVES_IN_ONE_PLACE = 4;
/** The bytes of a field in an answer at the most, including its name and its share of brackets. */
const BYTES_PER_FIELD = 100;
/** Answers of up to so many fields are small. */
const SMALL_COMPLEXITY = 160;
/** More errors than anybody reads are a way to make answers large. */
const MAX_ERRORS = 20;

export interface DocumentRulesOptions {
  readonly limits: DocumentLimits;
  readonly introspection: boolean;
}

/** What is worked out once for each operation of a document. */
interface OperationFacts {
  /** For the log. */
  readonly description: string;
  readonly scope: Scope;
  /** The greatest complexity of its answer; 0 for a small one, and `undefined` where only the variables decide. */
  readonly complexity: number | undefined;
}

/** The rules for documents, whichever way they come. */
export interface DocumentRules {
  /** Whether messages must not suggest names, since the schema is hidden. */
  readonly hideSuggestions: boolean;
  parse(source: string): DocumentNode;
  /** The errors of a document, whatever its variables are. */
  errorsOf(document: DocumentNode): readonly GraphQLError[];
  /** Describes an operation of a valid document for the log; empty when it has none of this name. */
  describe(document: DocumentNode, operationName: string | null | undefined): string;
  /**
   * The error of an operation of a valid document with these variables, for this caller; otherwise the most bytes of its
   * answer, by its complexity. A small answer counts as 0.
   */
  admit(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Readonly<Record<string, unknown>> | null | undefined,
    context: Pick<GraphQLContext, 'caller' | 'locale'>,
  ): GraphQLError | number;
  /** What an operation of a valid document costs with these variables; `undefined` when it has none of this name. */
  costOf(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Readonly<Record<string, unknown>> | null | undefined,
  ): Cost | undefined;
}

/** The complexity of an answer, and the greatest one that is answered. */
export interface Cost {
  readonly complexity: number;
  readonly maxComplexity: number;
}

/**
 * Most documents are within the limits whatever their variables are, and are measured once. Only those that can exceed them
 * with large pages are measured again at each execution.
 */
export function createDocumentRules({ limits, introspection }: DocumentRulesOptions): DocumentRules {
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const hideSuggestions = !introspection;
  const facts = new WeakMap<OperationDefinitionNode, OperationFacts>();

  /** The limits come first: some rules take long for what exceeds them. */
  function excessOf(document: DocumentNode): GraphQLError | undefined {
    for (const it of document.definitions) {
      // A fragment is measured by itself, since no operation may use it.
      if (it.kind !== Kind.OPERATION_DEFINITION && it.kind !== Kind.FRAGMENT_DEFINITION) continue;
      const largest = measure(schema, document, it, 'largest');
      const mayExceed = excessIn(limits, largest) !== undefined;
      const always = mayExceed ? excessIn(limits, measure(schema, document, it, 'smallest')) : undefined;
      if (always) return always;
      if (it.kind !== Kind.OPERATION_DEFINITION) continue;
      const isLarge = largest.complexity > SMALL_COMPLEXITY;
      const isByVariables = mayExceed || (isLarge && it.variableDefinitions?.length);
      facts.set(it, {
        description: describeOperation(it),
        scope: requiredScope(it, document),
        complexity: isByVariables ? undefined : isLarge ? largest.complexity : 0,
      });
    }
    return undefined;
  }

  const factsOf = (document: DocumentNode, operationName: string | null | undefined) => {
    const operation = getOperationAST(document, operationName);
    const known = operation && facts.get(operation);
    return known && { operation, ...known };
  };

  return {
    hideSuggestions,
    parse: (source) => parseWithin(limits.tokens, source),
    errorsOf(document) {
      const excess = excessOf(document);
      if (excess) return [excess];
      const errors = validate(schema, document, rules, { maxErrors: MAX_ERRORS, hideSuggestions });
      return hideSuggestions ? errors.map(withoutGuess) : errors;
    },
    describe: (document, operationName) => factsOf(document, operationName)?.description ?? '',
    admit(document, operationName, variables, context) {
      const found = factsOf(document, operationName);
      // Without an operation the engine itself reports the error.
      if (!found) return 0;
      const refusal = refuseScope(found.scope, context);
      if (refusal) return refusal;
      if (found.complexity !== undefined) return found.complexity * BYTES_PER_FIELD;
      const size = measure(schema, document, found.operation, variables ?? {});
      return excessIn(limits, size) ?? (size.complexity > SMALL_COMPLEXITY ? size.complexity * BYTES_PER_FIELD : 0);
    },
    costOf(document, operationName, variables) {
      const operation = getOperationAST(document, operationName);
      if (!operation) return undefined;
      const { complexity } = measure(schema, document, operation, variables ?? {});
      return { complexity, maxComplexity: limits.complexity };
    },
  };
}

/** One rule of the engine suggests names in its message whatever the options are. */
function withoutGuess(error: GraphQLError): GraphQLError {
  const { message, nodes } = error;
  const guess = message.endsWith('?') ? message.indexOf(' Did you mean ') : -1;
  return guess < 0 ? error : new GraphQLError(message.slice(0, guess), { nodes });
}

/** The limit that a size exceeds. */
function excessIn(limits: DocumentLimits, size: Size): GraphQLError | undefined {
  const { depth, aliases, directives, complexity } = limits;
  if (size.depth > depth) return limitExceeded(`The document is too deep: at most ${depth} fields within each other.`);
  if (size.introspectionDepth > INTROSPECTION_DEPTH) {
    return limitExceeded(`The document asks too deep into the schema: at most ${INTROSPECTION_DEPTH} fields.`);
  }
  if (size.aliases > aliases) {
    return limitExceeded(`The document has too many aliases and repeated fields: at most ${aliases}.`);
  }
  if (size.directives > directives || size.directivesInOnePlace > DIRECTIVES_IN_ONE_PLACE) {
    const most = `at most ${directives}, and ${DIRECTIVES_IN_ONE_PLACE} in one place`;
    return limitExceeded(`The document has too many directives: ${most}.`);
  }
  if (size.complexity > complexity) {
    const most = `up to ${size.complexity} fields in the answer, at most ${complexity}`;
    return limitExceeded(`The document asks for too much at once: ${most}. Ask for smaller pages or fewer fields.`);
  }
  return undefined;
}
