import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { tempFolder } from './temp-folder.ts';

// What nginx keeps lies in its own folder, so that any user can run it; only root would have it change to another user.
const KEPT = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((it) => `${it}_temp_path ${it};`).join(' ');

const USER = process.getuid?.() === 0 ? 'user root;' : '';

export interface Nginx extends AsyncDisposable {
  /** With these the program acts on this server, as in `nginx ... -s reload`. */
  readonly args: readonly string[];
}

/** nginx with a configuration of its `http` block, checked by `nginx -t` first, listening on this port of 127.0.0.1. */
export async function startNginx(http: string, port: number): Promise<Nginx> {
  const folder = await tempFolder();
  const log = folder.file('error.log');
  writeFileSync(
    folder.file('nginx.conf'),
    `daemon off; ${USER} pid ${folder.file('pid')}; error_log ${log};\nevents {}\nhttp { access_log off; ${KEPT}\n${http}}\n`,
  );
  const args = ['-p', folder.path, '-e', log, '-c', folder.file('nginx.conf')];
  const checked = spawnSync('nginx', [...args, '-t'], { encoding: 'utf8' });
  if (checked.status !== 0) throw new Error(checked.stderr);
  const nginx = spawn('nginx', args, { stdio: 'ignore' });
  const closed = once(nginx, 'close');
  while (!(await accepts(port))) {
    if (nginx.exitCode !== null) throw new Error(readFileSync(log, 'utf8'));
    await sleep(20);
  }
  return {
    args,
    async [Symbol.asyncDispose]() {
      nginx.kill('SIGTERM');
      await closed;
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
