import './flat.ts';
import './intercom.ts';
import './keys-and-users.ts';
import './flat-list.ts';
import './change.ts';
import './change-activity.ts';
import './change-set.ts';
import './statistics.ts';
import './caller.ts';
import './update-flat.ts';
import './update-flats-where.ts';
import './undo-changes.ts';
import './provision-intercom.ts';
import './node.ts';
import { builder } from './shared/builder.ts';

export const schema = builder.toSchema();
