export type MediaType = (typeof TYPES)[number];

/** A range that matches both means the first: older clients expect it. */
const TYPES = ['application/json', 'application/graphql-response+json'] as const;

const matches = (range: string, type: string): boolean => {
  const [kind, subtype] = range.split('/');
  const [ours, our] = type.split('/');
  return (kind === '*' || kind === ours) && (subtype === '*' || subtype === our);
};

/**
 * The media type of an answer that is not a stream: the first range of the `Accept` header that matches a supported one.
 */
export function mediaTypeOf(accept = '*/*'): MediaType | undefined {
  if (accept === '*/*' || accept === TYPES[0]) return TYPES[0];
  for (const entry of accept.replace(/\s/g, '').toLowerCase().split(',')) {
    const [range = '', ...params] = entry.split(';');
    if (params.some((it) => it.includes('charset=') && it !== 'charset=utf-8')) continue;
    const found = TYPES.find((it) => matches(range, it));
    if (found) return found;
  }
  return undefined;
}

/** Whether a range of an `Accept` header matches server-sent events. */
export const acceptsEventStream = (accept = '*/*'): boolean =>
  accept
    .replace(/\s/g, '')
    .toLowerCase()
    .split(',')
    .some((entry) => matches(entry.split(';')[0] ?? '', 'text/event-stream'));

/** Whether an `Accept` header asks for Apollo's multipart protocol, by name: a browser's wildcard does not mean it. */
export const acceptsMultipart = (accept = ''): boolean =>
  accept
    .replace(/[\s"']/g, '')
    .toLowerCase()
    .split(',')
    .some((entry) => /^multipart\/mixed;(.*;)?subscriptionspec=1\.0(;|$)/.test(entry));
