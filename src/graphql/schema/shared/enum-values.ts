/** The values of an enum, each with its description. */
export const enumValues = <Name extends string>(descriptions: Readonly<Record<Name, string>>) =>
  Object.fromEntries(Object.entries(descriptions).map(([name, description]) => [name, { description }])) as Record<
    Name,
    { description: string }
  >;
