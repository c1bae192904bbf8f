import { type ExecutionArgs, type GraphQLError, getOperationAST, getVariableValues } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { JudgedDocument, KnownDocuments } from '../engine/document-cache.ts';
import type { Judge } from '../engine/document-rules.ts';
import { executeDocument, MAX_VARIABLE_ERRORS, refuseExecution } from '../engine/execute.ts';
import { tooManyStreams } from '../engine/limits.ts';
import { schema } from '../schema/index.ts';
import type { GraphQLContext } from '../schema/shared/builder.ts';
import type { Served } from './served.ts';

/** Makes Yoga parse, judge and execute documents as everything else does: by the same code, and each document once. */
export function oneEngine(judge: Judge, documents: KnownDocuments): Plugin<GraphQLContext & Served> {
  const { hideSuggestions } = judge;
  const judged = new WeakMap<object, JudgedDocument>();
  const executionOf = ({ contextValue, ...args }: ExecutionArgs) => ({
    ...args,
    contextValue: contextValue as GraphQLContext,
  });

  return {
    onParse: ({ context, setParseFn }) =>
      setParseFn((source: string) => {
        const read = context.judged ?? documents.read(source);
        if (!read.document) throw read.errors[0];
        judged.set(read.document, read);
        return read.document;
      }),
    onValidate: ({ setValidationFn }) => setValidationFn((_, document) => judged.get(document)?.errors ?? []),
    onExecute: ({ setExecuteFn }) => setExecuteFn((args: ExecutionArgs) => executeDocument(judge, executionOf(args))),
    onSubscribe({ args, setResultAndStopExecution }) {
      const refusal = refuseExecution(judge, executionOf(args));
      const errors = refusal ? [refusal] : unfitVariables(args, hideSuggestions);
      if (errors) return setResultAndStopExecution({ errors });
      const { beginStream, locale } = args.contextValue;
      if (!beginStream()) setResultAndStopExecution({ errors: [tooManyStreams(locale)] });
    },
  };
}

/** What is wrong with variables; Yoga's own engine of subscriptions would guess at names. */
function unfitVariables(
  { document, operationName, variableValues }: ExecutionArgs,
  hideSuggestions: boolean,
): readonly GraphQLError[] | undefined {
  const { variableDefinitions = [] } = getOperationAST(document, operationName) ?? {};
  const options = { hideSuggestions, maxErrors: MAX_VARIABLE_ERRORS };
  return getVariableValues(schema, variableDefinitions, variableValues ?? {}, options).errors;
}
