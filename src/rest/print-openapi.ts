import { readFileSync, writeFileSync } from 'node:fs';
import { printOpenApi } from './openapi.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
writeFileSync(new URL('./openapi.json', import.meta.url), printOpenApi(version));
