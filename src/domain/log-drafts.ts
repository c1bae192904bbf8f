import {
  type IntercomChange,
  type IntercomState,
  LINK_KINDS,
  type LinksChange,
  type ProvisionDraft,
} from './change.ts';
import type { Link } from './link-change.ts';

/** The row about an intercom that came, changed or went. */
export function intercomChange(
  intercomId: number,
  before: IntercomState | null,
  after: IntercomState | null,
  counts: Pick<IntercomChange, 'flatsAdded' | 'flatsRemoved'>,
  reason: string | null,
): ProvisionDraft {
  const kind = !before ? 'INTERCOM_CREATED' : after ? 'INTERCOM_CHANGED' : 'INTERCOM_DELETED';
  return { kind, reason, intercomId, before: before && stateOf(before), after: after && stateOf(after), ...counts };
}

const stateOf = ({ title, externalId, range }: IntercomState): IntercomState => ({ title, externalId, range });

/** Names that were attached to a flat, or detached. */
export type LinksDifference = Pick<LinksChange, 'kind' | 'names'>;

/** The names of a link that come and go when a flat that has some is given others. */
export function differencesOf(
  link: Link,
  wanted: readonly string[],
  stored: readonly string[],
): readonly LinksDifference[] {
  const [before, after] = [new Set(stored), new Set(wanted)];
  const attached = [...after.difference(before)].sort();
  const detached = [...before.difference(after)].sort();
  return [
    ...(detached.length > 0 ? [{ kind: LINK_KINDS[link].detached, names: detached }] : []),
    ...(attached.length > 0 ? [{ kind: LINK_KINDS[link].attached, names: attached }] : []),
  ];
}
