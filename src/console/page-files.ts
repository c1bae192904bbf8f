import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { etagOf } from '../http/exchange/held-copy.ts';

/** A file of the page, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly compressed: Buffer;
  readonly etag: string;
  /** Whether the name carries a hash of the content, so that a copy stays good forever. */
  readonly isHashed: boolean;
}

export type PageFiles = ReadonlyMap<string, PageFile>;

/** The name of the page itself. */
export const INDEX = '';

const PAGE = fileURLToPath(new URL('./page/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/**
 * Bundles the page in memory: no step for operators, nothing on the disk that could be stale. The bundler is loaded for this
 * alone; its child process ends with it.
 */
export async function buildPageFiles(serviceName: string | undefined, folder = PAGE): Promise<PageFiles> {
  const { build, stop } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: ['main.tsx', 'console.css'],
      entryNames: '[name]-[hash]',
      outdir: 'files',
      bundle: true,
      format: 'esm',
      target: 'es2022',
      minify: true,
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      write: false,
    });
    const files = new Map<string, PageFile>();
    let index = await readFile(`${folder}index.html`, 'utf8');
    for (const { path, contents } of outputFiles) {
      const name = basename(path);
      const [, stem = '', ending = ''] = /^(.+)-[^-]+\.(\w+)$/.exec(name) ?? [];
      index = index.replace(`"${stem}.${ending}"`, `"${name}"`);
      files.set(name, await toFile(TYPES[ending] ?? 'application/octet-stream', Buffer.from(contents), true));
    }
    // The page knows it before anybody signs in, and shows it.
    index = index.replace('name="service" content=""', () => `name="service" content="${escaped(serviceName ?? '')}"`);
    return files.set(INDEX, await toFile('text/html; charset=utf-8', Buffer.from(index), false));
  } finally {
    await stop();
  }
}

const escaped = (text: string): string => text.replace(/[&"<>]/g, (it) => `&#${it.charCodeAt(0)};`);

const toFile = async (type: string, plain: Buffer, isHashed: boolean): Promise<PageFile> => ({
  type,
  plain,
  compressed: await promisify(gzip)(plain, { level: 9 }),
  etag: etagOf(plain),
  isHashed,
});
