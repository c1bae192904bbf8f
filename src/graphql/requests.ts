import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { localeOf, textsOf } from '../domain/texts.ts';

/** The content types of a JSON POST. */
export const JSON_TYPE = /^\s*application\/(graphql\+)?json\s*(;|$)/i;

const textsFor = (request: Request) => textsOf(localeOf(request.headers.get('accept-language') ?? undefined));

const refusal = (message: string, status: number): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status } } });

/**
 * A POST has to be JSON: a page of another site can send a form from a browser without asking anybody, and a form that
 * carried a mutation would be obeyed. What cannot be read is the caller's mistake, not a fault.
 */
export const readRequests: Plugin = {
  onRequestParse({ request, requestParser, setRequestParser }) {
    if (request.method === 'POST' && !JSON_TYPE.test(request.headers.get('content-type') ?? '')) {
      throw refusal(textsFor(request).wrongContentType, 415);
    }
    if (!requestParser) return;
    setRequestParser(async (it) => {
      try {
        return await requestParser(it);
      } catch (error) {
        throw error instanceof GraphQLError ? error : refusal(textsFor(request).unreadableRequest, 400);
      }
    });
  },
  onResponse({ request, response, setResponse, fetchAPI }) {
    if (response.status !== 406) return;
    const errors = [{ message: textsFor(request).notAcceptable, extensions: { code: 'BAD_REQUEST' } }];
    setResponse(fetchAPI.Response.json({ errors }, { status: 406 }));
  },
};
