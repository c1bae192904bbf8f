import {
  type ExecutionArgs,
  execute,
  type GraphQLError,
  getOperationAST,
  getVariableValues,
  type ParseOptions,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphQLContext } from './builder.ts';
import type { Judge } from './judge-documents.ts';
import type { KnownDocuments } from './known-documents.ts';
import { schema } from './schema.ts';
import { refusalOf } from './scopes.ts';

/** Documents are judged and executed by the same engine and under the same rules, whichever way they come. */
export function oneEngine(judge: Judge, documents: KnownDocuments): Plugin<GraphQLContext> {
  const { hideSuggestions } = judge;
  const refuse = ({ document, operationName, contextValue, variableValues }: ExecutionArgs) =>
    refusalOf(document, operationName, contextValue as GraphQLContext) ??
    judge.refusalOf(document, operationName, variableValues);

  return {
    onParse: ({ setParseFn }) =>
      setParseFn(
        (source: string, options?: ParseOptions) => documents.find(source)?.document ?? judge.parse(source, options),
      ),
    onValidate: ({ setValidationFn }) =>
      setValidationFn((_, document) => {
        const text = document.loc?.source.body ?? '';
        if (documents.find(text)?.document === document) return [];
        const errors = judge.errorsOf(document);
        if (errors.length === 0) documents.keep(text, document);
        return errors;
      }),
    onExecute({ setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) => {
        const refusal = refuse(args);
        return refusal ? { errors: [refusal] } : execute({ ...args, hideSuggestions });
      });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const refusal = refuse(args);
      const errors = refusal ? [refusal] : unfitVariables(args, hideSuggestions);
      if (errors) setResultAndStopExecution({ errors });
    },
  };
}

/** What is wrong with variables; Yoga's own engine of subscriptions would guess at names. */
function unfitVariables(
  { document, operationName, variableValues }: ExecutionArgs,
  hideSuggestions: boolean,
): readonly GraphQLError[] | undefined {
  const { variableDefinitions = [] } = getOperationAST(document, operationName) ?? {};
  return getVariableValues(schema, variableDefinitions, variableValues ?? {}, { hideSuggestions }).errors;
}
