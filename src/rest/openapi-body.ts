import { LINES } from '../domain/lines.ts';
import { restName } from './body.ts';
import { ABSENT, FORM_SWITCH, INTEGER, SWITCH } from './coercions.ts';

export const refTo = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const switchesOf = (name: string) => Object.fromEntries(LINES.map((line) => [restName(line), refTo(name)]));

const flatByNumber = (switches: object) => ({
  title: 'By its intercom and its number',
  type: 'object',
  required: ['intercom_id', 'flat'],
  properties: {
    intercom_id: { description: 'The id of the intercom.', ...refTo('WholeNumber') },
    flat: { description: 'The number of the flat.', ...refTo('WholeNumber') },
    flat_id: refTo('Absent'),
    ...switches,
  },
});

const flatByRecordId = (switches: object) => ({
  title: 'By its record id',
  type: 'object',
  required: ['flat_id'],
  properties: {
    flat_id: { description: 'The record id of the flat.', ...refTo('WholeNumber') },
    intercom_id: {
      description: 'The id of the intercom. When it is sent, the flat has to belong to it.',
      anyOf: [refTo('WholeNumber'), refTo('Absent')],
    },
    flat: refTo('Absent'),
    ...switches,
  },
});

const AVAILABLE = 'Whether the line is available. A field that is not sent leaves the line as it is.';
const UPDATE =
  'Names a flat in one of two ways, never in both, and says which lines it has. Keys that are not listed are ignored, and `X-Unknown-Keys` names them.';

/** The body of an update, as JSON Schema: which values the coercions read, and which of them the rules let pass. */
export const BODY_SCHEMAS = {
  WholeNumber: { description: 'A whole number from 1 to 2^53 - 1, or the same as text.', anyOf: INTEGER.accepts },
  Absent: { description: 'Counts as if the field was not sent.', anyOf: ABSENT },
  Switch: { description: AVAILABLE, anyOf: SWITCH.accepts },
  FormSwitch: { description: `${AVAILABLE} A form may write it as a word, in any case.`, anyOf: FORM_SWITCH.accepts },
  FlatByNumber: flatByNumber(switchesOf('Switch')),
  FlatByRecordId: flatByRecordId(switchesOf('Switch')),
  IntercomFlatUpdate: { description: UPDATE, oneOf: [refTo('FlatByNumber'), refTo('FlatByRecordId')] },
  FormByNumber: flatByNumber(switchesOf('FormSwitch')),
  FormByRecordId: flatByRecordId(switchesOf('FormSwitch')),
  IntercomFlatForm: { description: UPDATE, oneOf: [refTo('FormByNumber'), refTo('FormByRecordId')] },
};
