import { fieldOf, LINES } from './lines.ts';
import { texts } from './locale.ts';

/** What the page calls the fields that the service names in its messages. */
function labels(): Readonly<Record<string, string>> {
  const { admin, details, filter, flat, lines, list, log } = texts.value;
  return {
    title: list.address,
    intercomTitle: list.address,
    intercomId: log.intercom,
    flat,
    flatId: log.flatId,
    flatFrom: admin.flatFrom,
    flatTo: admin.flatTo,
    externalId: admin.externalId,
    newExternalId: admin.externalId,
    keys: list.keys,
    keyCode: filter.key,
    users: list.users,
    userLogin: filter.login,
    changedSince: filter.since,
    from: log.from,
    to: log.to,
    reason: details.why,
    ...Object.fromEntries(LINES.map((it) => [fieldOf(it), lines[it]])),
  };
}

/** A message of the service, with the labels of the page instead of the names of the API. */
export function inLabels(message: string): string {
  const { badValue, quoted } = texts.value;
  const known = labels();
  // GraphQL itself refuses values of another type, in English and by the names of variables.
  if (message.startsWith('Variable "$')) return badValue(known[/\.(\w+)[^:]*:/.exec(message)?.[1] ?? ''] ?? message);
  // A plain word names a field only where a message begins with it, or says so.
  return message.replace(
    /(^|[Пп]оле )?\b(?:filter\.)?([a-z]\w*)\b(?:\[\d+\])?/g,
    (all, before: string | undefined, name: string) => {
      const label = known[name];
      const isField = label !== undefined && (before !== undefined || /[A-Z]/.test(name));
      return isField ? `${before ?? ''}${quoted(label)}` : all;
    },
  );
}
