import { ask } from './ask.ts';
import { ActsSince, type ActsSinceQuery, LogEnd } from './operations.ts';
import { caller } from './token.ts';

type Act = NonNullable<ActsSinceQuery['changeSets']>['nodes'][number];

/** How far something is that the person does, and what it is in the history: a change set for each attempt. */
export interface OwnActs {
  readonly done: number;
  readonly changeSets: readonly string[];
}

/** Reads which change sets the person begins from now on, of those that are meant. */
export async function watchActs(isMeant: (act: Act) => boolean): Promise<() => Promise<OwnActs>> {
  const { changesHead: after } = await ask(LogEnd, {});
  return async () => {
    const { changeSets } = await ask(ActsSince, { after, actor: caller.value?.actor ?? '' });
    const own = changeSets?.nodes.filter(isMeant) ?? [];
    return { done: own.reduce((sum, it) => sum + it.changes, 0), changeSets: own.map((it) => it.id) };
  };
}
