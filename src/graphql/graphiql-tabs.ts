/** The operations that GraphiQL opens with: one for each thing the service does. They work on the demo's data. */
export const GRAPHIQL_TABS = [
  {
    query: `# Read one flat, by its record id or by its number on an intercom.
query ReadFlat {
  intercomFlat(by: { number: { intercomId: 1, flat: 10 } }) {
    id
    flat
    intercomId
    keyCount
    usersCount
    version
    updatedAt
    properties {
      isSmartphoneSipLineAvailable
      isLandlineSipLineAvailable
      isAnalogLineAvailable
    }
  }
}
`,
  },
  {
    query: `# Switch the analog line of a flat off. Refusals are part of the answer.
mutation SwitchAnalogLineOff {
  updateIntercomFlat(
    input: { intercomId: 1, flat: 10, isAnalogLineAvailable: false, reason: "handset removed" }
  ) {
    __typename
    ... on UpdateIntercomFlatSuccess {
      intercomFlat {
        id
        version
        properties {
          isAnalogLineAvailable
        }
      }
      change {
        cursor
        changedAt
        actor
      }
    }
    ... on ValidationError {
      message
      fields {
        field
        code
        message
      }
    }
    ... on VersionConflict {
      message
      current {
        version
      }
    }
  }
}
`,
  },
];
