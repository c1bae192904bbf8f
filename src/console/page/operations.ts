// Printed by npm run schema from operations/*.graphql and the schema; do not edit.

/** The text of an operation, with the types of its variables and its answer. */
export type Operation<Data, Variables> = string & { readonly types?: (variables: Variables) => Data };

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Names a flat by `flatId`, or by `intercomId` and `flat`, and the keys. */
export type AttachKeysInput = {
  /** The flat's number. Mutually exclusive with `flatId`. */
  flat?: number | null | undefined;
  /** The record id. Mutually exclusive with `flat`. */
  flatId?: string | null | undefined;
  /** The intercom's record id. Required with `flat`; beside `flatId` it must match. */
  intercomId?: string | null | undefined;
  /** The codes of the keys: 1 to 64 characters each, without semicolons; at most 1000. */
  keys: Array<string>;
  /** The reason, for the change log; at most 500 characters. */
  reason?: string | null | undefined;
};

/** Names a flat by `flatId`, or by `intercomId` and `flat`, and the users. */
export type AttachUsersInput = {
  /** The flat's number. Mutually exclusive with `flatId`. */
  flat?: number | null | undefined;
  /** The record id. Mutually exclusive with `flat`. */
  flatId?: string | null | undefined;
  /** The intercom's record id. Required with `flat`; beside `flatId` it must match. */
  intercomId?: string | null | undefined;
  /** The reason, for the change log; at most 500 characters. */
  reason?: string | null | undefined;
  /** Their logins: 1 to 100 characters each, without semicolons; at most 1000. */
  users: Array<string>;
};

/** A condition that is left out or null does not restrict; all others must hold. */
export type ChangeFilter = {
  /** Made by this actor. */
  actor?: string | null | undefined;
  /** Of the change set with this `id`. */
  changeSet?: string | null | undefined;
  /** That came in through this channel. */
  channel?: Channel | null | undefined;
  /** Of the flat with this record id. While the flat exists, the changes of its intercom that created or deleted flats of its number count, too. */
  flatId?: string | null | undefined;
  /** At this moment or later. */
  from?: string | null | undefined;
  /** Of this intercom or a flat on it. */
  intercomId?: string | null | undefined;
  /** Before this moment. */
  to?: string | null | undefined;
};

/** What a change is of. */
export type ChangeKind =
  /** A flat was imported, with its keys and users: a `FlatCreation`. */
  | 'FLAT_CREATED'
  /** Title, external id or range of an intercom was changed: an `IntercomChange`. */
  | 'INTERCOM_CHANGED'
  /** An intercom was created, with the flats of its range: an `IntercomChange`. */
  | 'INTERCOM_CREATED'
  /** An intercom was deleted with its flats: an `IntercomChange`. */
  | 'INTERCOM_DELETED'
  /** Keys were attached to a flat: a `LinksChange`. */
  | 'KEYS_ATTACHED'
  /** Keys were detached from a flat: a `LinksChange`. */
  | 'KEYS_DETACHED'
  /** Lines of a flat were set to something else: a `LinesChange`. */
  | 'LINES_SET'
  /** Users were attached to a flat: a `LinksChange`. */
  | 'USERS_ATTACHED'
  /** Users were detached from a flat: a `LinksChange`. */
  | 'USERS_DETACHED';

/** A condition that is left out or null does not restrict; all others must hold. */
export type ChangeSetFilter = {
  /** Made by this actor. */
  actor?: string | null | undefined;
  /** That came in through this channel. */
  channel?: Channel | null | undefined;
  /** Begun at this moment or later. */
  from?: string | null | undefined;
  /** Begun before this moment. */
  to?: string | null | undefined;
};

/** The channel through which a change came in. */
export type Channel =
  /** A command of the operator. */
  | 'CLI'
  /** A GraphQL mutation. */
  | 'GRAPHQL'
  /** A CSV file. */
  | 'IMPORT'
  /** The legacy `PATCH` of the vendor's API. */
  | 'REST';

/** A new intercom, and the range of its flat numbers. */
export type CreateIntercomInput = {
  /** Its id in another system; unique, at most 100 characters. */
  externalId?: string | null | undefined;
  /** The first flat number. */
  flatFrom: number;
  /** The last flat number: at most 10000 flats in all. */
  flatTo: number;
  /** The lines of its flats; all are available when it is left out. */
  lines?: NewFlatLines | null | undefined;
  /** The reason, for the change log; at most 500 characters. */
  reason?: string | null | undefined;
  /** Its title; at most 200 characters. */
  title: string;
};

/** Names an intercom by `intercomId` or by `externalId`. */
export type DeleteIntercomInput = {
  /** Its id in another system. Mutually exclusive with `intercomId`. */
  externalId?: string | null | undefined;
  /** Delete its flats even if they still have keys or users. */
  force?: boolean | null | undefined;
  /** Its record id. Mutually exclusive with `externalId`. */
  intercomId?: string | null | undefined;
  /** The reason, for the change log; at most 500 characters. */
  reason?: string | null | undefined;
};

/** Names a flat by `flatId`, or by `intercomId` and `flat`, and the keys. */
export type DetachKeysInput = {
  /** The flat's number. Mutually exclusive with `flatId`. */
  flat?: number | null | undefined;
  /** The record id. Mutually exclusive with `flat`. */
  flatId?: string | null | undefined;
  /** The intercom's record id. Required with `flat`; beside `flatId` it must match. */
  intercomId?: string | null | undefined;
  /** The codes of the keys: 1 to 64 characters each, without semicolons; at most 1000. */
  keys: Array<string>;
  /** The reason, for the change log; at most 500 characters. */
  reason?: string | null | undefined;
};

/** Names a flat by `flatId`, or by `intercomId` and `flat`, and the users. */
export type DetachUsersInput = {
  /** The flat's number. Mutually exclusive with `flatId`. */
  flat?: number | null | undefined;
  /** The record id. Mutually exclusive with `flat`. */
  flatId?: string | null | undefined;
  /** The intercom's record id. Required with `flat`; beside `flatId` it must match. */
  intercomId?: string | null | undefined;
  /** The reason, for the change log; at most 500 characters. */
  reason?: string | null | undefined;
  /** Their logins: 1 to 100 characters each, without semicolons; at most 1000. */
  users: Array<string>;
};

/** A condition that is left out or null does not restrict; all others must hold. */
export type IntercomFlatFilter = {
  /** Whose lines were last set at this moment or later. */
  changedSince?: string | null | undefined;
  /** With this number. */
  flat?: number | null | undefined;
  /** With this number or a greater one. */
  flatFrom?: number | null | undefined;
  /** With one of these record ids, at most 500; what does not exist is left out, and an empty list selects no flat. */
  flatIds?: Array<string> | null | undefined;
  /** With this number or a lesser one. */
  flatTo?: number | null | undefined;
  /** On this intercom. */
  intercomId?: string | null | undefined;
  /** With this in the intercom's title, in any case; at least 3 characters. */
  intercomTitle?: string | null | undefined;
  /** Whether a call rings on the analog handset on the wall. */
  isAnalogLineAvailable?: boolean | null | undefined;
  /** Whether a call rings on the landline number (SIP). */
  isLandlineSipLineAvailable?: boolean | null | undefined;
  /** Whether a call rings on the residents' smartphones (SIP). */
  isSmartphoneSipLineAvailable?: boolean | null | undefined;
  /** With this key. */
  keyCode?: string | null | undefined;
  /** With this user. */
  userLogin?: string | null | undefined;
  /** With a user whose login begins with this. */
  userLoginPrefix?: string | null | undefined;
};

/** The lines of new flats. A line that is left out is available; null is refused. */
export type NewFlatLines = {
  /** Whether a call rings on the analog handset on the wall. */
  isAnalogLineAvailable?: boolean | null | undefined;
  /** Whether a call rings on the landline number (SIP). */
  isLandlineSipLineAvailable?: boolean | null | undefined;
  /** Whether a call rings on the residents' smartphones (SIP). */
  isSmartphoneSipLineAvailable?: boolean | null | undefined;
};

/** What a caller may do; each scope holds those before it. */
export type Scope =
  /** Everything. */
  | 'ADMIN'
  /** Queries and subscriptions. */
  | 'READ'
  /** Updates of lines, too. */
  | 'WRITE';

/** What to take back. */
export type UndoChangesInput = {
  /** The `id` of the `ChangeSet`: from `changeSets`, a change, or the answer of the call itself. */
  changeSet: string;
  /** Change nothing; only report what would be changed. */
  dryRun?: boolean;
  /** The reason, for the change log; at most 500 characters. */
  reason?: string | null | undefined;
};

/** Names a flat by `flatId`, or by `intercomId` and `flat`, and says which lines to set. A line that is left out stays as it is; null is refused. */
export type UpdateIntercomFlatInput = {
  /** Refuse the update if the flat has another version by now. */
  expectedVersion?: number | null | undefined;
  /** The flat's number. Mutually exclusive with `flatId`. */
  flat?: number | null | undefined;
  /** The record id. Mutually exclusive with `flat`. */
  flatId?: string | null | undefined;
  /** The intercom's record id. Required with `flat`; beside `flatId` it must match. */
  intercomId?: string | null | undefined;
  /** Whether a call rings on the analog handset on the wall. */
  isAnalogLineAvailable?: boolean | null | undefined;
  /** Whether a call rings on the landline number (SIP). */
  isLandlineSipLineAvailable?: boolean | null | undefined;
  /** Whether a call rings on the residents' smartphones (SIP). */
  isSmartphoneSipLineAvailable?: boolean | null | undefined;
  /** The reason, for the change log; at most 500 characters. */
  reason?: string | null | undefined;
};

/** Selects flats by `filter`, or every flat by `all`, and says which lines to set: at least one. A line that is left out stays as it is; null is refused. So is a condition of the filter that is null or empty: a lost value must not widen the change. */
export type UpdateIntercomFlatsWhereInput = {
  /** Every flat; beside a filter with conditions on lines only, every building. */
  all?: boolean | null | undefined;
  /** Refuse the update when more flats would change; they are counted first. Null is refused. It also stops before it would change more, when others change flats meanwhile. */
  atMost?: number | null | undefined;
  /** Change nothing; only report what would be changed. */
  dryRun?: boolean;
  /** Flats that are left alone, though they match: at most 500. Null and an empty list are refused. */
  exceptFlatIds?: Array<string> | null | undefined;
  /** Which flats. One that selects buildings or flats (intercom, number, range, title, key, login, `changedSince`) is mutually exclusive with `all`; one with conditions on lines only needs `all` beside it. */
  filter?: IntercomFlatFilter | null | undefined;
  /** Whether a call rings on the analog handset on the wall. */
  isAnalogLineAvailable?: boolean | null | undefined;
  /** Whether a call rings on the landline number (SIP). */
  isLandlineSipLineAvailable?: boolean | null | undefined;
  /** Whether a call rings on the residents' smartphones (SIP). */
  isSmartphoneSipLineAvailable?: boolean | null | undefined;
  /** The reason, for the change log; at most 500 characters. */
  reason?: string | null | undefined;
};

/** Names an intercom by `intercomId` or by `externalId`, and says what to change. A value that is left out stays as it is; null is refused except for `newExternalId`. */
export type UpdateIntercomInput = {
  /** Its id in another system. Mutually exclusive with `intercomId`. */
  externalId?: string | null | undefined;
  /** The first number its flats may have. Numbers new to the range get a flat. */
  flatFrom?: number | null | undefined;
  /** The last one; at most 10000 numbers. Flats out of the range are deleted. */
  flatTo?: number | null | undefined;
  /** Delete flats even if they still have keys or users. */
  force?: boolean | null | undefined;
  /** Its record id. Mutually exclusive with `externalId`. */
  intercomId?: string | null | undefined;
  /** The lines of new flats; all are available when it is left out. */
  lines?: NewFlatLines | null | undefined;
  /** Its new id in another system; unique, at most 100 characters; null removes it. */
  newExternalId?: string | null | undefined;
  /** The reason, for the change log; at most 500 characters. */
  reason?: string | null | undefined;
  /** Its new title; at most 200 characters. */
  title?: string | null | undefined;
};

/** Why an update of many flats stopped early. */
export type UpdateStop =
  /** Others changed flats meanwhile, so that more than `atMost` would have been changed. */
  | 'AT_MOST'
  /** Changes that were to be taken back were pruned meanwhile. */
  | 'LOG_PRUNED'
  /** The disk failed in a commit: up to 50 more flats may be changed than are counted. */
  | 'OUTCOME_UNKNOWN'
  /** The service stops. */
  | 'SHUTTING_DOWN'
  /** The storage is busy or full, or cannot be written. */
  | 'STORAGE_BUSY'
  /** The token of the caller was revoked. */
  | 'TOKEN_REVOKED';

export type BuildingQueryVariables = Exact<{
  intercomId: string;
  after?: string | null | undefined;
}>;


export type BuildingQuery = { changesHead: string, intercom: { intercomId: string, title: string, externalId: string | null, flatFrom: number | null, flatTo: number | null, flatCount: number, flats: { nodes: Array<{ flatId: string, flat: number, version: number, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } | null } | null };

export type CellFragment = { flatId: string, flat: number, version: number, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } };

export type FlatByNumberQueryVariables = Exact<{
  intercomId: string;
  flat: number;
}>;


export type FlatByNumberQuery = { intercomFlat: { flatId: string, flat: number, version: number, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } } | null };

export type FlatDetailsQueryVariables = Exact<{
  flatId: string;
}>;


export type FlatDetailsQuery = { intercomFlat: { keys: Array<{ code: string }>, users: Array<{ login: string }>, changes: { nodes: Array<
        | { __typename: 'FlatCreation' }
        | { __typename: 'IntercomChange' }
        | { __typename: 'LinesChange', cursor: string, changedAt: string, actor: string, channel: Channel, reason: string | null, intercomId: string, flatId: string, flat: number, before: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, after: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } }
        | { __typename: 'LinksChange' }
      > } | null } | null };

export type ChangeRowFragment = { cursor: string, changedAt: string, actor: string, channel: Channel, reason: string | null, intercomId: string, flatId: string, flat: number, before: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, after: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } };

export type UpdateFlatMutationVariables = Exact<{
  input: UpdateIntercomFlatInput;
}>;


export type UpdateFlatMutation = { updateIntercomFlat:
    | { __typename: 'NotApplied', message: string }
    | { __typename: 'UpdateIntercomFlatSuccess', intercomFlat: { flatId: string, flat: number, version: number, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } } }
    | { __typename: 'ValidationError', message: string }
    | { __typename: 'VersionConflict', message: string, current: { flatId: string, flat: number, version: number, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } } }
   };

export type BuildingChangesSubscriptionVariables = Exact<{
  intercomId: string;
  after: string;
}>;


export type BuildingChangesSubscription = { intercomFlatChanged: { cursor: string, changedAt: string, actor: string, channel: Channel, reason: string | null, intercomId: string, flatId: string, flat: number, before: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, after: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } } };

export type ActRowFragment = { id: string, actor: string, channel: Channel, reason: string | null, startedAt: string, changes: number, flats: number, flatsIsExact: boolean, firstChange:
    | { __typename: 'FlatCreation', kind: ChangeKind, intercomId: string }
    | { __typename: 'IntercomChange', kind: ChangeKind, intercomId: string }
    | { __typename: 'LinesChange', kind: ChangeKind, intercomId: string, cursor: string, changedAt: string, actor: string, channel: Channel, reason: string | null, flatId: string, flat: number, intercomFlat: { intercom: { title: string } | null } | null, before: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, after: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } }
    | { __typename: 'LinksChange', kind: ChangeKind, intercomId: string }
   };

export type ActsQueryVariables = Exact<{
  filter?: ChangeSetFilter | null | undefined;
  before?: string | null | undefined;
}>;


export type ActsQuery = { changeSets: { nodes: Array<{ id: string, actor: string, channel: Channel, reason: string | null, startedAt: string, changes: number, flats: number, flatsIsExact: boolean, firstChange:
        | { __typename: 'FlatCreation', kind: ChangeKind, intercomId: string }
        | { __typename: 'IntercomChange', kind: ChangeKind, intercomId: string }
        | { __typename: 'LinesChange', kind: ChangeKind, intercomId: string, cursor: string, changedAt: string, actor: string, channel: Channel, reason: string | null, flatId: string, flat: number, intercomFlat: { intercom: { title: string } | null } | null, before: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, after: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } }
        | { __typename: 'LinksChange', kind: ChangeKind, intercomId: string }
       }>, pageInfo: { startCursor: string | null, hasPreviousPage: boolean } } | null };

export type ActQueryVariables = Exact<{
  id: string;
  before?: string | null | undefined;
}>;


export type ActQuery = { node:
    | { __typename: 'ChangeSet', endedAt: string, id: string, actor: string, channel: Channel, reason: string | null, startedAt: string, changes: number, flats: number, flatsIsExact: boolean, firstChange:
        | { __typename: 'FlatCreation', kind: ChangeKind, intercomId: string }
        | { __typename: 'IntercomChange', kind: ChangeKind, intercomId: string }
        | { __typename: 'LinesChange', kind: ChangeKind, intercomId: string, cursor: string, changedAt: string, actor: string, channel: Channel, reason: string | null, flatId: string, flat: number, intercomFlat: { intercom: { title: string } | null } | null, before: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, after: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } }
        | { __typename: 'LinksChange', kind: ChangeKind, intercomId: string }
       }
    | { __typename: 'FlatCreation' }
    | { __typename: 'Intercom' }
    | { __typename: 'IntercomChange' }
    | { __typename: 'IntercomFlat' }
    | { __typename: 'Key' }
    | { __typename: 'LinesChange' }
    | { __typename: 'LinksChange' }
    | { __typename: 'User' }
   | null, changes: { nodes: Array<
      | { __typename: 'FlatCreation' }
      | { __typename: 'IntercomChange' }
      | { __typename: 'LinesChange', cursor: string, changedAt: string, actor: string, channel: Channel, reason: string | null, intercomId: string, flatId: string, flat: number, intercomFlat: { intercom: { title: string } | null } | null, before: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, after: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } }
      | { __typename: 'LinksChange' }
    >, pageInfo: { startCursor: string | null, hasPreviousPage: boolean } } | null };

export type OtherChangesQueryVariables = Exact<{
  id: string;
  kinds?: Array<ChangeKind> | ChangeKind | null | undefined;
  before?: string | null | undefined;
}>;


export type OtherChangesQuery = { changes: { nodes: Array<
      | { __typename: 'FlatCreation', flat: number, id: string, kind: ChangeKind, intercomId: string }
      | { __typename: 'IntercomChange', id: string, kind: ChangeKind, intercomId: string }
      | { __typename: 'LinesChange', flat: number, id: string, kind: ChangeKind, intercomId: string }
      | { __typename: 'LinksChange', flat: number, id: string, kind: ChangeKind, intercomId: string }
    >, pageInfo: { startCursor: string | null, hasPreviousPage: boolean } } | null };

export type UndoMutationVariables = Exact<{
  input: UndoChangesInput;
}>;


export type UndoMutation = { undoChanges:
    | { __typename: 'UndoChangesSuccess', changed: number, leftSilent: number, changedSince: number, gone: number, notUndoable: number, stoppedBy: UpdateStop | null, changeSet: string | null, changedBy: Array<{ changedAt: string, actor: string, flat: number, intercomId: string }> }
    | { __typename: 'ValidationError', message: string }
   };

export type LogEndQueryVariables = Exact<{ [key: string]: never; }>;


export type LogEndQuery = { changesHead: string };

export type ActsSinceQueryVariables = Exact<{
  after: string;
  actor: string;
}>;


export type ActsSinceQuery = { changeSets: { nodes: Array<{ id: string, channel: Channel, reason: string | null, changes: number }> } | null };

export type LinesFragment = { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean };

export type FlatRowFragment = { flatId: string, flat: number, intercomId: string, version: number, updatedAt: string, keyCount: number, usersCount: number, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, intercom: { title: string } | null };

export type FlatsPageQueryVariables = Exact<{
  filter?: IntercomFlatFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type FlatsPageQuery = { intercomFlats: { nodes: Array<{ flatId: string, flat: number, intercomId: string, version: number, updatedAt: string, keyCount: number, usersCount: number, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, intercom: { title: string } | null }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } | null };

export type FlatsCountQueryVariables = Exact<{
  filter?: IntercomFlatFilter | null | undefined;
}>;


export type FlatsCountQuery = { intercomFlats: { totalCount: number, totalCountIsExact: boolean } | null };

export type UpdateWhereMutationVariables = Exact<{
  input: UpdateIntercomFlatsWhereInput;
}>;


export type UpdateWhereMutation = { updateIntercomFlatsWhere:
    | { __typename: 'UpdateIntercomFlatsWhereSuccess', matched: number, changed: number, leftSilent: number, stoppedBy: UpdateStop | null, changeSet: string | null }
    | { __typename: 'ValidationError', message: string }
   };

export type UpdateFlatsMutationVariables = Exact<{
  updates: Array<UpdateIntercomFlatInput> | UpdateIntercomFlatInput;
}>;


export type UpdateFlatsMutation = { updateIntercomFlats: Array<
    | { __typename: 'NotApplied', message: string }
    | { __typename: 'UpdateIntercomFlatSuccess', change: { changeSet: string } | null }
    | { __typename: 'ValidationError', message: string }
    | { __typename: 'VersionConflict', message: string }
  > };

export type FlatsNowQueryVariables = Exact<{
  flatIds: Array<string> | string;
  matching?: IntercomFlatFilter | null | undefined;
}>;


export type FlatsNowQuery = { all: { nodes: Array<{ flatId: string, flat: number, intercomId: string, version: number, updatedAt: string, keyCount: number, usersCount: number, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, intercom: { title: string } | null }> } | null, matching: { nodes: Array<{ flatId: string }> } | null };

export type ExportPageQueryVariables = Exact<{
  filter?: IntercomFlatFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type ExportPageQuery = { intercomFlats: { nodes: Array<{ flatId: string, flat: number, intercomId: string, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, keys: Array<{ code: string }>, users: Array<{ login: string }>, intercom: { title: string, externalId: string | null, flatFrom: number | null, flatTo: number | null } | null }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } | null };

export type HistoryQueryVariables = Exact<{
  filter?: ChangeFilter | null | undefined;
  before?: string | null | undefined;
}>;


export type HistoryQuery = { changes: { nodes: Array<
      | { __typename: 'FlatCreation' }
      | { __typename: 'IntercomChange' }
      | { __typename: 'LinesChange', cursor: string, changedAt: string, actor: string, channel: Channel, reason: string | null, intercomId: string, flatId: string, flat: number, intercomFlat: { intercom: { title: string } | null } | null, before: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, after: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } }
      | { __typename: 'LinksChange' }
    >, pageInfo: { startCursor: string | null, hasPreviousPage: boolean } } | null };

export type OverviewQueryVariables = Exact<{
  from: string;
  to: string;
  kinds?: Array<ChangeKind> | ChangeKind | null | undefined;
}>;


export type OverviewQuery = { lineStatistics: { flats: number, changedLastDay: number, states: Array<{ flats: number, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } }> } | null, silentIntercoms: Array<{ silentFlats: number, intercom: { intercomId: string, title: string, flatCount: number } | null }> | null, changeActivity: Array<{ from: string, to: string, changes: number, changesIsExact: boolean }> | null, changeSets: { nodes: Array<{ id: string, actor: string, channel: Channel, reason: string | null, startedAt: string, changes: number, flats: number, flatsIsExact: boolean, firstChange:
        | { __typename: 'FlatCreation', kind: ChangeKind, intercomId: string }
        | { __typename: 'IntercomChange', kind: ChangeKind, intercomId: string }
        | { __typename: 'LinesChange', kind: ChangeKind, intercomId: string, cursor: string, changedAt: string, actor: string, channel: Channel, reason: string | null, flatId: string, flat: number, intercomFlat: { intercom: { title: string } | null } | null, before: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, after: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean } }
        | { __typename: 'LinksChange', kind: ChangeKind, intercomId: string }
       }> } | null };

export type CreateBuildingMutationVariables = Exact<{
  input: CreateIntercomInput;
}>;


export type CreateBuildingMutation = { createIntercom:
    | { __typename: 'CreateIntercomSuccess', intercom: { intercomId: string } }
    | { __typename: 'ValidationError', message: string }
   };

export type UpdateBuildingMutationVariables = Exact<{
  input: UpdateIntercomInput;
}>;


export type UpdateBuildingMutation = { updateIntercom:
    | { __typename: 'FlatsInUse', message: string, count: number, flats: Array<{ flatId: string, flat: number, keyCount: number, usersCount: number }> }
    | { __typename: 'UpdateIntercomSuccess' }
    | { __typename: 'ValidationError', message: string }
   };

export type DeleteBuildingMutationVariables = Exact<{
  input: DeleteIntercomInput;
}>;


export type DeleteBuildingMutation = { deleteIntercom:
    | { __typename: 'DeleteIntercomSuccess' }
    | { __typename: 'FlatsInUse', message: string, count: number, flats: Array<{ flatId: string, flat: number, keyCount: number, usersCount: number }> }
    | { __typename: 'ValidationError', message: string }
   };

export type AttachKeysMutationVariables = Exact<{
  input: AttachKeysInput;
}>;


export type AttachKeysMutation = { changed:
    | { __typename: 'AttachKeysSuccess' }
    | { __typename: 'ValidationError', message: string }
   };

export type DetachKeysMutationVariables = Exact<{
  input: DetachKeysInput;
}>;


export type DetachKeysMutation = { changed:
    | { __typename: 'DetachKeysSuccess' }
    | { __typename: 'ValidationError', message: string }
   };

export type AttachUsersMutationVariables = Exact<{
  input: AttachUsersInput;
}>;


export type AttachUsersMutation = { changed:
    | { __typename: 'AttachUsersSuccess' }
    | { __typename: 'ValidationError', message: string }
   };

export type DetachUsersMutationVariables = Exact<{
  input: DetachUsersInput;
}>;


export type DetachUsersMutation = { changed:
    | { __typename: 'DetachUsersSuccess' }
    | { __typename: 'ValidationError', message: string }
   };

export type RefusedFragment = { message: string };

export type InUseFragment = { message: string, count: number, flats: Array<{ flatId: string, flat: number, keyCount: number, usersCount: number }> };

export type SearchQueryVariables = Exact<{
  text: string;
  flat?: number | null | undefined;
  hasFlat: boolean;
  hasTitle: boolean;
  titleAndFlat?: IntercomFlatFilter | null | undefined;
  hasBoth: boolean;
}>;


export type SearchQuery = { keys: Array<{ code: string, flats: { nodes: Array<{ flatId: string, flat: number, intercomId: string, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, intercom: { title: string } | null }> } | null }> | null, users: Array<{ login: string, flats: { nodes: Array<{ flatId: string, flat: number, intercomId: string, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, intercom: { title: string } | null }> } | null }> | null, byBoth?: { nodes: Array<{ flatId: string, flat: number, intercomId: string, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, intercom: { title: string } | null }> } | null, byNumber?: { nodes: Array<{ flatId: string, flat: number, intercomId: string, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, intercom: { title: string } | null }> } | null, byTitle?: { nodes: Array<{ intercomId: string, title: string }> } | null };

export type SearchFlatFragment = { flatId: string, flat: number, intercomId: string, properties: { isSmartphoneSipLineAvailable: boolean, isLandlineSipLineAvailable: boolean, isAnalogLineAvailable: boolean }, intercom: { title: string } | null };

export type WhoAmIQueryVariables = Exact<{ [key: string]: never; }>;


export type WhoAmIQuery = { caller: { actor: string, scope: Scope, expiresAt: string | null } };

export const Building: Operation<BuildingQuery, BuildingQueryVariables> = "query Building($intercomId:ID!$after:String){changesHead intercom(by:{intercomId:$intercomId}){intercomId title externalId flatFrom flatTo flatCount flats(first:500 after:$after){nodes{...Cell}pageInfo{endCursor hasNextPage}}}}fragment Cell on IntercomFlat{flatId flat version properties{...Lines}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const FlatByNumber: Operation<FlatByNumberQuery, FlatByNumberQueryVariables> = "query FlatByNumber($intercomId:ID!$flat:Int!){intercomFlat(by:{number:{intercomId:$intercomId flat:$flat}}){...Cell}}fragment Cell on IntercomFlat{flatId flat version properties{...Lines}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const FlatDetails: Operation<FlatDetailsQuery, FlatDetailsQueryVariables> = "query FlatDetails($flatId:ID!){intercomFlat(by:{flatId:$flatId}){keys{code}users{login}changes(last:20){nodes{__typename ...on LinesChange{...ChangeRow}}}}}fragment ChangeRow on LinesChange{cursor changedAt actor channel reason intercomId flatId flat before{...Lines}after{...Lines}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const UpdateFlat: Operation<UpdateFlatMutation, UpdateFlatMutationVariables> = "mutation UpdateFlat($input:UpdateIntercomFlatInput!){updateIntercomFlat(input:$input){__typename ...on UpdateIntercomFlatSuccess{intercomFlat{...Cell}}...on VersionConflict{message current{...Cell}}...on UserError{message}}}fragment Cell on IntercomFlat{flatId flat version properties{...Lines}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const BuildingChanges: Operation<BuildingChangesSubscription, BuildingChangesSubscriptionVariables> = "subscription BuildingChanges($intercomId:ID!$after:String!){intercomFlatChanged(intercomId:$intercomId after:$after){...ChangeRow}}fragment ChangeRow on LinesChange{cursor changedAt actor channel reason intercomId flatId flat before{...Lines}after{...Lines}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const Acts: Operation<ActsQuery, ActsQueryVariables> = "query Acts($filter:ChangeSetFilter$before:String){changeSets(filter:$filter last:50 before:$before){nodes{...ActRow}pageInfo{startCursor hasPreviousPage}}}fragment ActRow on ChangeSet{id actor channel reason startedAt changes flats flatsIsExact firstChange{__typename kind intercomId ...on LinesChange{...ChangeRow intercomFlat{intercom{title}}}}}fragment ChangeRow on LinesChange{cursor changedAt actor channel reason intercomId flatId flat before{...Lines}after{...Lines}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const Act: Operation<ActQuery, ActQueryVariables> = "query Act($id:ID!$before:String){node(id:$id){__typename ...on ChangeSet{...ActRow endedAt}}changes(filter:{changeSet:$id}last:100 before:$before){nodes{__typename ...on LinesChange{...ChangeRow intercomFlat{intercom{title}}}}pageInfo{startCursor hasPreviousPage}}}fragment ActRow on ChangeSet{id actor channel reason startedAt changes flats flatsIsExact firstChange{__typename kind intercomId ...on LinesChange{...ChangeRow intercomFlat{intercom{title}}}}}fragment ChangeRow on LinesChange{cursor changedAt actor channel reason intercomId flatId flat before{...Lines}after{...Lines}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const OtherChanges: Operation<OtherChangesQuery, OtherChangesQueryVariables> = "query OtherChanges($id:ID!$kinds:[ChangeKind!]$before:String){changes(filter:{changeSet:$id}kinds:$kinds last:20 before:$before){nodes{__typename id kind intercomId ...on FlatChange{flat}}pageInfo{startCursor hasPreviousPage}}}";
export const Undo: Operation<UndoMutation, UndoMutationVariables> = "mutation Undo($input:UndoChangesInput!){undoChanges(input:$input){__typename ...on UndoChangesSuccess{changed leftSilent changedSince changedBy{changedAt actor flat intercomId}gone notUndoable stoppedBy changeSet}...on ValidationError{message}}}";
export const LogEnd: Operation<LogEndQuery, LogEndQueryVariables> = "query LogEnd{changesHead}";
export const ActsSince: Operation<ActsSinceQuery, ActsSinceQueryVariables> = "query ActsSince($after:String!$actor:String!){changeSets(filter:{actor:$actor}first:100 after:$after){nodes{id channel reason changes}}}";
export const FlatsPage: Operation<FlatsPageQuery, FlatsPageQueryVariables> = "query FlatsPage($filter:IntercomFlatFilter$after:String){intercomFlats(filter:$filter first:100 after:$after){nodes{...FlatRow}pageInfo{endCursor hasNextPage}}}fragment FlatRow on IntercomFlat{flatId flat intercomId version updatedAt keyCount usersCount properties{...Lines}intercom{title}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const FlatsCount: Operation<FlatsCountQuery, FlatsCountQueryVariables> = "query FlatsCount($filter:IntercomFlatFilter){intercomFlats(filter:$filter first:0){totalCount totalCountIsExact}}";
export const UpdateWhere: Operation<UpdateWhereMutation, UpdateWhereMutationVariables> = "mutation UpdateWhere($input:UpdateIntercomFlatsWhereInput!){updateIntercomFlatsWhere(input:$input){__typename ...on UpdateIntercomFlatsWhereSuccess{matched changed leftSilent stoppedBy changeSet}...on ValidationError{message}}}";
export const UpdateFlats: Operation<UpdateFlatsMutation, UpdateFlatsMutationVariables> = "mutation UpdateFlats($updates:[UpdateIntercomFlatInput!]!){updateIntercomFlats(updates:$updates){__typename ...on UpdateIntercomFlatSuccess{change{changeSet}}...on UserError{message}}}";
export const FlatsNow: Operation<FlatsNowQuery, FlatsNowQueryVariables> = "query FlatsNow($flatIds:[ID!]!$matching:IntercomFlatFilter){all:intercomFlats(filter:{flatIds:$flatIds}first:500){nodes{...FlatRow}}matching:intercomFlats(filter:$matching first:500){nodes{flatId}}}fragment FlatRow on IntercomFlat{flatId flat intercomId version updatedAt keyCount usersCount properties{...Lines}intercom{title}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const ExportPage: Operation<ExportPageQuery, ExportPageQueryVariables> = "query ExportPage($filter:IntercomFlatFilter$after:String){intercomFlats(filter:$filter first:500 after:$after){nodes{flatId flat intercomId properties{...Lines}keys{code}users{login}intercom{title externalId flatFrom flatTo}}pageInfo{endCursor hasNextPage}}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const History: Operation<HistoryQuery, HistoryQueryVariables> = "query History($filter:ChangeFilter$before:String){changes(filter:$filter last:100 before:$before){nodes{__typename ...on LinesChange{...ChangeRow intercomFlat{intercom{title}}}}pageInfo{startCursor hasPreviousPage}}}fragment ChangeRow on LinesChange{cursor changedAt actor channel reason intercomId flatId flat before{...Lines}after{...Lines}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const Overview: Operation<OverviewQuery, OverviewQueryVariables> = "query Overview($from:DateTime!$to:DateTime!$kinds:[ChangeKind!]){lineStatistics{flats changedLastDay states{flats properties{...Lines}}}silentIntercoms{silentFlats intercom{intercomId title flatCount}}changeActivity(from:$from to:$to per:HOUR kinds:$kinds){from to changes changesIsExact}changeSets(last:8){nodes{...ActRow}}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}fragment ActRow on ChangeSet{id actor channel reason startedAt changes flats flatsIsExact firstChange{__typename kind intercomId ...on LinesChange{...ChangeRow intercomFlat{intercom{title}}}}}fragment ChangeRow on LinesChange{cursor changedAt actor channel reason intercomId flatId flat before{...Lines}after{...Lines}}";
export const CreateBuilding: Operation<CreateBuildingMutation, CreateBuildingMutationVariables> = "mutation CreateBuilding($input:CreateIntercomInput!){createIntercom(input:$input){__typename ...on CreateIntercomSuccess{intercom{intercomId}}...Refused}}fragment Refused on ValidationError{message}";
export const UpdateBuilding: Operation<UpdateBuildingMutation, UpdateBuildingMutationVariables> = "mutation UpdateBuilding($input:UpdateIntercomInput!){updateIntercom(input:$input){__typename ...Refused ...InUse}}fragment Refused on ValidationError{message}fragment InUse on FlatsInUse{message count flats{flatId flat keyCount usersCount}}";
export const DeleteBuilding: Operation<DeleteBuildingMutation, DeleteBuildingMutationVariables> = "mutation DeleteBuilding($input:DeleteIntercomInput!){deleteIntercom(input:$input){__typename ...Refused ...InUse}}fragment Refused on ValidationError{message}fragment InUse on FlatsInUse{message count flats{flatId flat keyCount usersCount}}";
export const AttachKeys: Operation<AttachKeysMutation, AttachKeysMutationVariables> = "mutation AttachKeys($input:AttachKeysInput!){changed:attachKeys(input:$input){__typename ...Refused}}fragment Refused on ValidationError{message}";
export const DetachKeys: Operation<DetachKeysMutation, DetachKeysMutationVariables> = "mutation DetachKeys($input:DetachKeysInput!){changed:detachKeys(input:$input){__typename ...Refused}}fragment Refused on ValidationError{message}";
export const AttachUsers: Operation<AttachUsersMutation, AttachUsersMutationVariables> = "mutation AttachUsers($input:AttachUsersInput!){changed:attachUsers(input:$input){__typename ...Refused}}fragment Refused on ValidationError{message}";
export const DetachUsers: Operation<DetachUsersMutation, DetachUsersMutationVariables> = "mutation DetachUsers($input:DetachUsersInput!){changed:detachUsers(input:$input){__typename ...Refused}}fragment Refused on ValidationError{message}";
export const Search: Operation<SearchQuery, SearchQueryVariables> = "query Search($text:String!$flat:Int$hasFlat:Boolean!$hasTitle:Boolean!$titleAndFlat:IntercomFlatFilter$hasBoth:Boolean!){keys(codePrefix:$text first:4){code flats(first:2){nodes{...SearchFlat}}}users(loginPrefix:$text first:4){login flats(first:2){nodes{...SearchFlat}}}byBoth:intercomFlats(first:6 filter:$titleAndFlat)@include(if:$hasBoth){nodes{...SearchFlat}}byNumber:intercomFlats(first:4 filter:{flat:$flat})@include(if:$hasFlat){nodes{...SearchFlat}}byTitle:intercoms(first:6 filter:{title:$text})@include(if:$hasTitle){nodes{intercomId title}}}fragment SearchFlat on IntercomFlat{flatId flat intercomId properties{...Lines}intercom{title}}fragment Lines on IntercomFlatProperties{isSmartphoneSipLineAvailable isLandlineSipLineAvailable isAnalogLineAvailable}";
export const WhoAmI: Operation<WhoAmIQuery, WhoAmIQueryVariables> = "query WhoAmI{caller{actor scope expiresAt}}";
