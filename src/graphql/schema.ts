import './intercom-flat.ts';
import './intercom.ts';
import './links.ts';
import './intercom-flats.ts';
import './intercoms.ts';
import './change.ts';
import './changes.ts';
import './intercom-flat-changed.ts';
import './line-statistics.ts';
import './update-intercom-flat.ts';
import './update-intercom-flats-where.ts';
import './create-intercom.ts';
import './update-intercom.ts';
import './delete-intercom.ts';
import './change-links.ts';
import { builder } from './builder.ts';

export const schema = builder.toSchema();
