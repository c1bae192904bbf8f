/** The operations that GraphiQL opens with: one for each capability. They work on the demo's data. */
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
  {
    query: `# Many updates in one call, all or none.
mutation SwitchLandlinesOff {
  updateIntercomFlats(
    updates: [
      { intercomId: 1, flat: 10, isLandlineSipLineAvailable: false }
      { intercomId: 1, flat: 11, isLandlineSipLineAvailable: false }
    ]
    atomic: true
  ) {
    __typename
    ... on UpdateIntercomFlatSuccess {
      intercomFlat {
        id
        version
      }
    }
    ... on Error {
      message
    }
  }
}
`,
  },
  {
    query: `# All flats that match, in one call; without dryRun it is done.
mutation SwitchLandlinesOffWhere {
  updateIntercomFlatsWhere(
    input: {
      filter: { intercomId: 1, isLandlineSipLineAvailable: true }
      isLandlineSipLineAvailable: false
      reason: "month start"
      dryRun: true
    }
  ) {
    __typename
    ... on UpdateIntercomFlatsWhereSuccess {
      matched
      changed
      stoppedBy
    }
    ... on Error {
      message
    }
  }
}
`,
  },
  {
    query: `# A page of flats; send endCursor back as after for the next one.
query ListFlats {
  intercomFlats(filter: { intercomId: 1, isAnalogLineAvailable: true }, sort: INTERCOM_AND_FLAT_ASC, first: 10) {
    totalCount
    edges {
      node {
        id
        flat
        intercom {
          title
        }
        keys {
          code
        }
        users {
          login
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  },
  {
    query: `# Intercoms by a part of their title, with their first flats.
query ListIntercoms {
  intercoms(sort: TITLE_ASC, first: 10) {
    edges {
      node {
        id
        title
        flatCount
        flats(first: 3) {
          edges {
            node {
              flat
            }
          }
        }
      }
    }
  }
}
`,
  },
  {
    query: `# How many flats have which line.
query CountLines {
  lineStatistics {
    flats
    changedLastDay
    lines {
      line
      available
      unavailable
    }
  }
}
`,
  },
  {
    query: `# Who changed what, when and why: the newest ten.
query ReadHistory {
  changes(last: 10) {
    edges {
      cursor
      node {
        changedAt
        actor
        channel
        reason
        flat
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
`,
  },
  {
    query: `# A new intercom with its flats, and keys for one flat.
mutation CreateIntercom {
  createIntercom(input: { title: "Garden street 7", flatFrom: 1, flatTo: 60 }) {
    __typename
    ... on CreateIntercomSuccess {
      intercom {
        id
        flatCount
      }
    }
    ... on ValidationError {
      fields {
        field
        code
        message
      }
    }
  }
  attachKeys(input: { intercomId: 1, flat: 10, keys: ["04A1B2C3", "04A1B2C4"] }) {
    __typename
    ... on AttachKeysSuccess {
      attached
      intercomFlat {
        keyCount
      }
    }
    ... on Error {
      message
    }
  }
}
`,
  },
  {
    query: `# Every change as it comes. Run this, then switch a line in another tab.
subscription FollowChanges {
  intercomFlatChanged(intercomId: 1) {
    cursor
    changedAt
    actor
    flat
    after {
      isSmartphoneSipLineAvailable
      isLandlineSipLineAvailable
      isAnalogLineAvailable
    }
  }
}
`,
  },
];
