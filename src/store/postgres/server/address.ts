/** A server, or one of several of which one takes writes. */
export interface Host {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

export const TLS_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** As the parameters of libpq: what is checked of the server, and the files with certificates. */
export interface Tls {
  readonly mode: (typeof TLS_MODES)[number];
  readonly rootCert: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** A database on PostgreSQL. */
export interface Address {
  readonly hosts: readonly Host[];
  readonly user: string;
  readonly database: string;
  /** Of the URL or the environment; without one, the password file is asked. It must not get into any text. */
  readonly password: string | undefined;
  readonly passwordFile: string | undefined;
  /** A file that holds the password and nothing else; it is read for each connection. */
  readonly secretFile: string | undefined;
  readonly tls: Tls;
  /** Further options of the server's session, such as `-c search_path=flats`. */
  readonly options: string | undefined;
}

/** The database as it is named in logs and messages. */
export const addressText = ({ hosts, database }: Pick<Address, 'hosts' | 'database'>): string =>
  `postgres://${hosts.map(({ host, port }) => `${encodeURIComponent(host)}:${port}`).join(',')}/${encodeURIComponent(database)}`;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The database of a URL like `postgres://user@host1:5432,host2/name?sslmode=verify-full`, which `URL` itself refuses for its
 * list of hosts; what is not there comes from the environment, as libpq reads it. Returns a text with what is wrong, which quotes
 * nothing of the URL but the names of parameters.
 */
export function parseAddress(url: string, env: Env): Address | string {
  const [, userInfo, list = '', path = '', query = ''] =
    /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#/]*))?(?:\?([^#]*))?$/.exec(url) ?? [];
  if (!/^postgres(?:ql)?:\/\//.test(url) || (list === '' && path === '' && query === '')) return FORM;
  const given = new URLSearchParams(query);
  const unknown = [...given.keys()].filter((it) => !PARAMETERS.includes(it));
  if (unknown.length > 0) {
    // What looks like a parameter may be the end of a password with a ? or & in it.
    const mayBeSecret = given.has('password') || query.includes('@');
    const names = mayBeSecret ? '(not shown)' : unknown.map(shown).join(', ');
    return `the URL has the unknown parameter ${names}; known are ${PARAMETERS.join(', ')}`;
  }
  // Such a database would be the end of a password with a / in it.
  if (path.includes('@')) return 'the URL has an @ after the first /; write / and @ as %2F and %40';
  const attributes = given.get('target_session_attrs') ?? 'read-write';
  if (attributes !== 'read-write' && attributes !== 'primary')
    return 'target_session_attrs can only be read-write or primary';
  const mode = TLS_MODES.find((it) => it === (given.get('sslmode') ?? env['PGSSLMODE'] ?? 'prefer'));
  if (!mode) return `sslmode can be ${TLS_MODES.join(', ')}`;

  try {
    const [userText = '', ...secret] = (userInfo ?? '').split(':');
    const ports = (given.get('port') ?? env['PGPORT'] ?? '5432').split(',');
    const names = list === '' ? (given.get('host') ?? env['PGHOST'] ?? '').split(',') : list.split(',');
    const hosts = names.map((name, index) => parseHost(name, ports[index] ?? ports[0] ?? ''));
    const bad = hosts.indexOf(undefined);
    if (bad >= 0) return `the ${bad + 1}. host of the URL is not a host, or host:port`;
    const user = decodeURIComponent(userText) || given.get('user') || env['PGUSER'];
    if (!user) return 'the URL names no user, like postgres://USER@host/database';
    const database = decodeURIComponent(path) || given.get('dbname') || env['PGDATABASE'] || user;
    const password =
      secret.length > 0 ? decodeURIComponent(secret.join(':')) : (given.get('password') ?? env['PGPASSWORD']);
    return {
      hosts: hosts as Host[],
      user,
      database,
      password: password || undefined,
      secretFile: env['DATABASE_PASSWORD_FILE'] || undefined,
      passwordFile: given.get('passfile') ?? env['PGPASSFILE'] ?? (env['HOME'] && `${env['HOME']}/.pgpass`),
      tls: {
        mode,
        rootCert: given.get('sslrootcert') ?? env['PGSSLROOTCERT'],
        cert: given.get('sslcert') ?? env['PGSSLCERT'],
        key: given.get('sslkey') ?? env['PGSSLKEY'],
      },
      options: given.get('options') ?? env['PGOPTIONS'],
    };
  } catch {
    return 'the URL has a % that begins no character; write % itself as %25';
  }
}

const FORM = 'postgres://user@host:port/database, with more hosts after commas';

const PARAMETERS: readonly string[] = [
  ...['host', 'port', 'user', 'dbname', 'password', 'passfile', 'options', 'target_session_attrs'],
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey'],
];

/** A name as it may be repeated in a message. */
const shown = (name: string): string => (/^[\w-]{1,40}$/.test(name) ? name : '(unreadable)');

function parseHost(text: string, otherwise: string): Host | undefined {
  const [, v6, name = '', port = otherwise] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*))(?::(\d+))?$/.exec(text) ?? [];
  const host = v6 ?? decodeURIComponent(name);
  const isPort = /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) <= 65_535;
  return host !== '' && isPort ? { host, port: Number(port) } : undefined;
}
