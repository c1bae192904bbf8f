/** An error that the app has to deal with: trying again would not help. */
export class FeedError extends Error {
  override readonly name = 'FeedError';
  /** Such as `CURSOR_EXPIRED`: read your lists again, and resume from `changesHead`. */
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

/** What is known of a failure; nothing of a connection that was cut. */
export interface Failure {
  /** The status of an answer, and its `Retry-After`. */
  readonly status?: number;
  readonly retryAfter?: string | null;
  /** The code of a WebSocket's close. */
  readonly closeCode?: number;
  readonly errors?: readonly GraphQLFailure[] | undefined;
}

interface GraphQLFailure {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly retryAfter?: number } | undefined;
}

const USUAL_MS = 1_000;
const TEMPORARY_STATUS = [408, 429];
const TEMPORARY_CODE = /^(RATE_LIMITED|TOO_MANY_STREAMS|OVERLOADED|OUTCOME_UNKNOWN|STORAGE_\w+|INTERNAL_SERVER_ERROR)$/;
/** Closes after which a client comes back: the service stops, or is busy, or did not hear of us in time. */
const TEMPORARY_CLOSE = [1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 4408];

/** How long to wait before the next attempt; throws what no attempt would mend. */
export function pauseAfter({ status = 0, retryAfter, closeCode, errors = [] }: Failure): number {
  const [first] = errors;
  const code = first?.extensions?.code;
  const seconds = Number(retryAfter ?? first?.extensions?.retryAfter);
  const isFinal =
    (status >= 400 && status < 500 && !TEMPORARY_STATUS.includes(status)) ||
    (closeCode !== undefined && !TEMPORARY_CLOSE.includes(closeCode)) ||
    (status === 0 && first !== undefined && !TEMPORARY_CODE.test(code ?? ''));
  if (isFinal) throw new FeedError(first?.message ?? `refused: ${status || closeCode}`, code);
  return seconds > 0 ? seconds * 1_000 : USUAL_MS;
}

/** The failure of an answer that is not a stream. */
export async function failureOf(response: Response): Promise<Failure> {
  const { errors } = await response.json().catch(() => ({}));
  return { status: response.status, retryAfter: response.headers.get('retry-after'), errors };
}
