import { writeFileSync } from 'node:fs';
import { OPERATIONS_FILE, operationsText } from './operations-text.ts';

writeFileSync(OPERATIONS_FILE, await operationsText());
