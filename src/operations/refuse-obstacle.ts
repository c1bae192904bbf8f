import { type Field, type Invalid, refuseField } from '../domain/refusal.ts';
import type { Obstacle } from '../store/store.ts';

/** What is in the way of an intercom, as an error of the field that asked for it. */
export const refuseObstacle = ({ kind }: Obstacle, externalId: Field): Invalid =>
  kind === 'taken' ? refuseField(externalId, 'TAKEN') : refuseField('flatTo', 'NO_ID_LEFT');
