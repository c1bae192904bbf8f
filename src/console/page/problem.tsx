import { AskError } from './ask.ts';
import { texts, timeOfDay } from './locale.ts';
import type { Answer } from './use-answer.ts';

/** Why something was not answered, in the words of the service where it has some. */
export function Problem({ error, onAgain }: { error: AskError; onAgain?: (() => void) | undefined }) {
  const { noConnection, requestId, tryAgain } = texts.value;
  return (
    <div class="note bad" role="alert">
      <p>{error.kind === 'offline' ? noConnection : error.message}</p>
      {error.kind === 'other' && error.requestId && <p class="dim">{requestId(error.requestId)}</p>}
      {onAgain && (
        <button type="button" onClick={onAgain}>
          {tryAgain}
        </button>
      )}
    </div>
  );
}

/** What stands above the data of a screen: that it loads, fails, or is old. */
export function AnswerState({ answer }: { answer: Answer<unknown> }) {
  const { asOf, loading } = texts.value;
  const { data, error, isLoading, at, reload } = answer;
  if (data !== undefined && error?.kind === 'offline') {
    return (
      <p class="note" role="status">
        {asOf(timeOfDay(at))}
      </p>
    );
  }
  if (error && error.kind !== 'signedOut') return <Problem error={error} onAgain={reload} />;
  if (isLoading && data === undefined) return <p class="dim late">{loading}</p>;
  return null;
}

/** What failed, as an error that can be shown. */
export function toAskError(error: unknown): AskError {
  if (error instanceof AskError) return error;
  throw error;
}
