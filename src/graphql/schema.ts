import './intercom-flat.ts';
import './change.ts';
import './update-intercom-flat.ts';
import { builder } from './builder.ts';

export const schema = builder.toSchema();
