import { execFileSync } from 'node:child_process';
import axe from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, it } from 'vitest';
import { itNeeds } from './it-needs.ts';

const PROGRAM = process.env['CHROMIUM'] || 'chromium';

/** A test in a real browser; without one, it says that it was skipped. */
export const itInChromium: (name: string, body: () => Promise<void>) => void = process.env['CHROMIUM']
  ? it
  : itNeeds(PROGRAM, 'chromium');

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-component-update'];

let launching: Promise<Browser> | undefined;

/** One browser for all tests of a file: starting it costs more than a test. */
export function useBrowser(): () => Promise<Browser> {
  afterAll(async () => {
    const browser = await launching;
    launching = undefined;
    await browser?.close();
  });
  return () => {
    launching ??= launchBrowser();
    return launching;
  };
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = execFileSync('sh', ['-c', `command -v ${PROGRAM}`], { encoding: 'utf8' }).trim();
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

const ALL_RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A person at the console: a profile of their own, and all that went wrong in their pages. */
export interface Person extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts, reports of the policy, requests to elsewhere. */
  readonly troubles: string[];
  /** Opens a place of the console. */
  open(place?: string): Promise<void>;
  /** Another tab of the same profile. */
  tab(): Promise<Page>;
  /** What axe objects to, by the rules of WCAG 2.2 AA and its own, and to the colours of the dark theme. */
  objections(): Promise<string[]>;
}

export async function personAt(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { readonly token?: string } = {},
): Promise<Person> {
  const { token, ...rest } = options;
  const context = await browser.newContext({ locale: 'en-GB', ...rest });
  context.setDefaultTimeout(60_000);
  const troubles: string[] = [];
  // The policy reports to the page itself, so that is heard before anything else runs.
  await context.addInitScript(
    `addEventListener('securitypolicyviolation', (it) => console.error('POLICY ' + it.violatedDirective + ' ' + it.blockedURI));
     ${token === undefined ? '' : `if (origin !== 'null') sessionStorage.getItem('token') ?? sessionStorage.setItem('token', ${JSON.stringify(token)});`}`,
  );
  context.on('weberror', (it) => void troubles.push(String(it.error())));
  context.on('console', (it) => {
    if (it.text().startsWith('POLICY ')) troubles.push(it.text());
  });
  context.on('request', (it) => {
    if (!it.url().startsWith(`${url}/`) && !it.url().startsWith('data:')) troubles.push(`request to ${it.url()}`);
  });
  const page = await context.newPage();
  return {
    page,
    context,
    troubles,
    async open(place = '#/') {
      await page.goto(`${url}/console/${place}`);
    },
    tab: () => context.newPage(),
    async objections() {
      // The page may be the one of the last call.
      if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
      const light = await objectionsOf(page, ALL_RULES);
      await page.emulateMedia({ colorScheme: 'dark' });
      const dark = await objectionsOf(page, ['color-contrast']);
      await page.emulateMedia({ colorScheme: 'light' });
      return [...light, ...dark];
    },
    async [Symbol.asyncDispose]() {
      await context.close();
    },
  };
}

async function objectionsOf(page: Page, rules: readonly string[]): Promise<string[]> {
  return (await page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(rules)} }).then((it) =>
      it.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target + ' ' + n.failureSummary).join('; ')))`,
  )) as string[];
}
