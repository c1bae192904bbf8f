import './flat.ts';
import './intercom.ts';
import './links.ts';
import './flat-list.ts';
import './intercoms.ts';
import './change.ts';
import './changes.ts';
import './intercom-flat-changed.ts';
import './statistics.ts';
import './update-flat.ts';
import './update-flats-where.ts';
import './provision-intercom.ts';
import './update-intercom.ts';
import './delete-intercom.ts';
import './keys-and-users.ts';
import { builder } from './shared/builder.ts';

export const schema = builder.toSchema();
