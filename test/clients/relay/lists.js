// Relay fragments for every list of the schema: each connection can be paged by itself, wherever its parent came from.
import { graphql } from 'relay-runtime';

export const flatsOfIntercom = graphql`
  fragment lists_intercomFlats on Intercom
  @refetchable(queryName: "lists_intercomFlatsQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
    sort: { type: "IntercomFlatSort", defaultValue: UPDATED_AT_DESC }
  ) {
    title
    flats(first: $first, after: $after, last: $last, before: $before, sort: $sort) @connection(key: "lists_flats") {
      edges {
        node {
          flat
          properties {
            isAnalogLineAvailable
          }
          keys {
            code
          }
        }
      }
    }
  }
`;

export const changesOfFlat = graphql`
  fragment lists_flatChanges on IntercomFlat
  @refetchable(queryName: "lists_flatChangesQuery")
  @argumentDefinitions(last: { type: "Int", defaultValue: 20 }, before: { type: "String" }) {
    changes(last: $last, before: $before) @connection(key: "lists_changes") {
      edges {
        node {
          changedAt
          actor
        }
      }
    }
  }
`;

export const flats = graphql`
  fragment lists_flats on Query
  @refetchable(queryName: "lists_flatsQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
    filter: { type: "IntercomFlatFilter" }
  ) {
    intercomFlats(first: $first, after: $after, filter: $filter) @connection(key: "lists_intercomFlats") {
      edges {
        node {
          ...lists_flatChanges
        }
      }
    }
  }
`;

export const intercoms = graphql`
  fragment lists_intercoms on Query
  @refetchable(queryName: "lists_intercomsQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    intercoms(first: $first, after: $after) @connection(key: "lists_intercoms") {
      __id
      edges {
        node {
          ...lists_intercomFlats
        }
      }
    }
  }
`;

export const changes = graphql`
  fragment lists_changes on Query
  @refetchable(queryName: "lists_changesQuery")
  @argumentDefinitions(last: { type: "Int", defaultValue: 20 }, before: { type: "String" }) {
    changes(last: $last, before: $before) @connection(key: "lists_changes") {
      __id
      edges {
        node {
          ... on LinesChange {
            before {
              isAnalogLineAvailable
            }
            after {
              isAnalogLineAvailable
            }
          }
        }
      }
    }
  }
`;

// A record by its id alone, such as one whose id stands in an address.
export const intercom = graphql`
  fragment lists_intercom on Intercom @refetchable(queryName: "lists_intercomQuery") {
    title
    flatCount
  }
`;

export const key = graphql`
  fragment lists_key on Key @refetchable(queryName: "lists_keyQuery") {
    code
  }
`;

export const user = graphql`
  fragment lists_user on User @refetchable(queryName: "lists_userQuery") {
    login
  }
`;

export const change = graphql`
  fragment lists_change on Change @refetchable(queryName: "lists_changeQuery") {
    changedAt
  }
`;

// A new intercom comes into the lists that are on the screen.
export const createIntercom = graphql`
  mutation lists_createIntercomMutation($input: CreateIntercomInput!, $connections: [ID!]!) {
    createIntercom(input: $input) {
      ... on CreateIntercomSuccess {
        intercomEdge(sort: ID_ASC) @appendEdge(connections: $connections) {
          node {
            ...lists_intercomFlats
          }
        }
      }
      ... on UserError {
        message
      }
    }
  }
`;

// A deleted one leaves them, and nothing else that has the same record id.
export const deleteIntercom = graphql`
  mutation lists_deleteIntercomMutation($input: DeleteIntercomInput!, $connections: [ID!]!) {
    deleteIntercom(input: $input) {
      ... on DeleteIntercomSuccess {
        intercom {
          id @deleteEdge(connections: $connections) @deleteRecord
        }
      }
    }
  }
`;

export const updateIntercomFlat = graphql`
  mutation lists_updateIntercomFlatMutation($input: UpdateIntercomFlatInput!, $connections: [ID!]!) {
    updateIntercomFlat(input: $input) {
      ... on UpdateIntercomFlatSuccess {
        intercomFlat {
          version
        }
        changeEdge @appendEdge(connections: $connections) {
          cursor
          node {
            actor
          }
        }
      }
    }
  }
`;

export const follow = graphql`
  subscription lists_followSubscription($after: String, $connections: [ID!]!) {
    intercomFlatChanged(after: $after) @appendNode(connections: $connections, edgeTypeName: "ChangeEdge") {
      cursor
      intercomFlat {
        version
        properties {
          isAnalogLineAvailable
        }
      }
    }
  }
`;
