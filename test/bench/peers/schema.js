// The slice of the service's schema that the load asks for, and plain resolvers for it.
export const typeDefs = `
  type Query {
    ready: Boolean!
  }
  type Mutation {
    updateIntercomFlat(input: UpdateIntercomFlatInput!): UpdateIntercomFlatResult!
  }
  input UpdateIntercomFlatInput {
    intercomId: ID
    flat: Int
    flatId: ID
    isSmartphoneSipLineAvailable: Boolean
    isLandlineSipLineAvailable: Boolean
    isAnalogLineAvailable: Boolean
    expectedVersion: Int
    reason: String
  }
  union UpdateIntercomFlatResult = UpdateIntercomFlatSuccess | ValidationError
  type UpdateIntercomFlatSuccess {
    intercomFlat: IntercomFlat!
    change: Change
  }
  type ValidationError {
    message: String!
  }
  type IntercomFlat {
    id: ID!
    flat: Int!
    intercomId: ID!
    keyCount: Int!
    usersCount: Int!
    version: Int!
    properties: IntercomFlatProperties!
  }
  type IntercomFlatProperties {
    isSmartphoneSipLineAvailable: Boolean!
    isLandlineSipLineAvailable: Boolean!
    isAnalogLineAvailable: Boolean!
  }
  type Change {
    cursor: String!
  }
`;

/** `updateFlat` takes an update and gives the flat and the seq of its log row, or a promise of them. */
export const resolversOn = (updateFlat, epoch) => ({
  Query: { ready: () => true },
  Mutation: {
    updateIntercomFlat: async (_, { input }) => {
      const updated = await updateFlat({
        intercomId: Number(input.intercomId),
        flat: input.flat,
        smartphoneSip: input.isSmartphoneSipLineAvailable,
        landlineSip: input.isLandlineSipLineAvailable,
        analog: input.isAnalogLineAvailable,
      });
      if (!updated) return { __typename: 'ValidationError', message: 'There is no such flat.' };
      const { flat, seq } = updated;
      return {
        __typename: 'UpdateIntercomFlatSuccess',
        intercomFlat: {
          id: flat.id,
          flat: flat.flat,
          intercomId: flat.intercom_id,
          keyCount: flat.key_count,
          usersCount: flat.users_count,
          version: flat.version,
          properties: {
            isSmartphoneSipLineAvailable: flat.smartphone_sip === 1,
            isLandlineSipLineAvailable: flat.landline_sip === 1,
            isAnalogLineAvailable: flat.analog === 1,
          },
        },
        change: seq && { cursor: Buffer.from(`${epoch}.${seq}`).toString('base64url') },
      };
    },
  },
});
