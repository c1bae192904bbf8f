import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { connection } from './feed.ts';
import { Keys } from './keys.tsx';
import { dateTime, switchLocale, texts } from './locale.ts';
import { Problem } from './problem.tsx';
import { href, place } from './route.ts';
import { Act } from './screens/act.tsx';
import { Building } from './screens/building.tsx';
import { Flats } from './screens/flats.tsx';
import { History } from './screens/history.tsx';
import { Import } from './screens/import.tsx';
import { Overview } from './screens/overview.tsx';
import { SignIn } from './screens/sign-in.tsx';
import { Search } from './search.tsx';
import { findCaller, mayAdminister, mayWrite, startError } from './session.ts';
import { caller, signOut, token } from './token.ts';

/** The name of the installation, if it has one. */
const SERVICE = document.querySelector<HTMLMetaElement>('meta[name=service]')?.content ?? '';

/** What is on every screen, and the screen of the place. */
export function Frame() {
  const { name, skip, otherLanguage } = texts.value;
  const who = caller.value;
  return (
    <>
      <button type="button" class="skip" onClick={focusContent}>
        {skip}
      </button>
      <header>
        <a class="name" href={href([])}>
          {name}
          {SERVICE !== '' && <strong class="service">{SERVICE}</strong>}
        </a>
        {who && <Menu />}
        {who && <Search />}
        {who && <ConnectionState />}
        {who && <Who />}
        {who && <Keys />}
        <button type="button" class="language" lang={otherLanguage === 'English' ? 'en' : 'ru'} onClick={switchLocale}>
          {otherLanguage}
        </button>
      </header>
      <main id="content" tabIndex={-1}>
        <Content />
      </main>
    </>
  );
}

/** What stands after `#` is the screen's place, so this is no link. */
function focusContent(): void {
  document.getElementById('content')?.focus();
}

function Content() {
  const who = caller.value;
  if (startError.value) return <Problem error={startError.value} onAgain={findCaller} />;
  if (who === null) return <p class="dim late">{texts.value.loading}</p>;
  return who === undefined ? <SignIn /> : <Screen />;
}

function Menu() {
  const { menu, overview, flats, history, upload } = texts.value;
  const [screen = ''] = place.value.path;
  const link = (to: string, text: string) => (
    <a href={href(to === '' ? [] : [to])} aria-current={screen === to ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <nav aria-label={menu}>
      {link('', overview)}
      {link('flats', flats)}
      {link('history', history)}
      {mayAdminister() && link('import', upload.title)}
    </nav>
  );
}

const ConnectionState = () => (
  <span class={`connection ${connection.value ?? ''}`} role="status">
    {connection.value && texts.value.connection[connection.value]}
  </span>
);

function Who() {
  const { scope, signOut: leave } = texts.value;
  const who = caller.value;
  if (!who) return null;
  return (
    <span class="who">
      <b>{who.actor}</b> <span class="dim">{scope[who.scope]}</span>
      {token.value !== undefined && (
        <button type="button" onClick={signOut}>
          {leave}
        </button>
      )}
    </span>
  );
}

function Screen() {
  const { path } = place.value;
  const [screen = '', id = '', flat] = path;
  const at = `${screen}/${id}`;
  // A new screen is read from its title on; conditions in the address are no new screen.
  useEffect(() => {
    document.querySelector<HTMLElement>('h1')?.focus();
    const title = document.querySelector('h1')?.textContent ?? '';
    document.title = [title, SERVICE, texts.value.name].filter((it) => it !== '').join(' · ');
  }, [at]);
  return (
    <>
      <Notes />
      {screenOf(screen, id, flat)}
    </>
  );
}

function screenOf(screen: string, id: string, flat: string | undefined): ComponentChildren {
  if (screen === '') return <Overview />;
  if (screen === 'flats') return <Flats />;
  if (screen === 'history') return id === '' ? <History /> : <Act key={id} id={id} />;
  if (screen === 'import') return <Import />;
  if (screen === 'intercoms' && id !== '') return <Building key={id} id={id} flat={flat} />;
  return <h1 tabIndex={-1}>{texts.value.unknownPlace}</h1>;
}

/** How long before its end a token is said to expire. */
const WARNING_MS = 7 * 24 * 3_600_000;

/** What holds on all screens for who the person is. */
function Notes() {
  const { noTokenYet, readOnly, expires } = texts.value;
  const expiresAt = caller.value?.expiresAt;
  return (
    <>
      {expiresAt && Date.parse(expiresAt) - Date.now() < WARNING_MS && (
        <p class="note">{expires(dateTime(expiresAt))}</p>
      )}
      {token.value === undefined && <p class="note">{noTokenYet}</p>}
      {!mayWrite() && <p class="note">{readOnly}</p>}
    </>
  );
}
