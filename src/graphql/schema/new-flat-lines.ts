import { builder } from './shared/builder.ts';
import { forEachLine } from './shared/lines.ts';

export const NewFlatLines = builder.inputType('NewFlatLines', {
  description: 'The lines of flats that are made. A line that is left out is available; null is refused.',
  fields: (t) => forEachLine((_, description) => t.boolean({ description })),
});
