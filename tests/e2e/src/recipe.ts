import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tempFolder } from '@nmcp/test-support';
import { type App, type AppProcess, appPath, startApp } from './app_process.ts';

const RECIPES = fileURLToPath(new URL('../../../docs/recipes.md', import.meta.url));
const APPS: Readonly<Record<string, App>> = {
  'nmcp-api': 'mcp-api',
  'nmcp-worker': 'worker',
  nmcp: 'standalone',
  'nmcp-admin': 'admin-cli',
};
/** What each server says when it is ready. */
const READY = /listens at (http:\S+)\/mcp|"url":"(http[^"]+)"|working/;

/** Titles of the recipes. */
export async function recipeTitles(): Promise<string[]> {
  return [...(await readFile(RECIPES, 'utf8')).matchAll(/^## (.+)$/gm)].map(([, title = '']) => title);
}

/** The blocks of a recipe in a language, as they stand there. */
export async function blocksOf(title: string, language: string): Promise<string[]> {
  const text = await readFile(RECIPES, 'utf8');
  const [, section = ''] = text.split(`## ${title}\n`);
  const own = section.split('\n## ')[0] ?? '';
  return [...own.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, kind, block = '']) =>
    kind === language ? [block] : [],
  );
}

/** A recipe that was followed. */
export interface FollowedRecipe extends AsyncDisposable {
  /** What each command has printed, by its line. */
  said: ReadonlyMap<string, string>;
  /** Where the server that listens can be reached. */
  url: string;
  environment: Readonly<Record<string, string>>;
  folder: string;
}

/** What is other than in the recipe. */
export interface RecipeOptions {
  /** Texts of the recipe, and what they are here. */
  here?: Readonly<Record<string, string>>;
  /** What goes without saying in the recipe: the scanner. */
  environment?: Readonly<Record<string, string>>;
  /** Called before the line that begins so. */
  before?: Readonly<Record<string, (state: { dataDir: string }) => Promise<void>>>;
}

/** Follows a recipe to the letter: every line of its blocks of commands, in their order, in a folder of its own. */
export async function followRecipe(title: string, options: RecipeOptions = {}): Promise<FollowedRecipe> {
  const folder = await tempFolder();
  const [srv, backup] = [join(folder.path, 'srv'), join(folder.path, 'backup')];
  await mkdir(srv);
  await mkdir(backup);
  const here = { '/srv/nmcp': srv, '/backup': backup, 'PORT=8836': 'PORT=0', ...options.here };
  let environment: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: folder.path,
    PORT: '0',
    POLL_SECONDS: '0.2',
    ...options.environment,
  };
  const said = new Map<string, string>();
  let running: AppProcess[] = [];
  let url = '';
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((app) => app.stop()));
    running = [];
  };
  try {
    const lines = (await blocksOf(title, 'sh')).join('\n').split('\n');
    for (const line of lines.filter((each) => each.trim() !== '' && !each.startsWith('claude '))) {
      const wait = Object.entries(options.before ?? {}).find(([start]) => line.startsWith(start));
      await wait?.[1]({ dataDir: join(srv, 'tasks') });
      if (line === '# stop') await stop();
      if (line.startsWith('#')) continue;
      const real = Object.entries(here).reduce((text, [from, to]) => text.replaceAll(from, to), line);
      const [word = '', ...args] = real.split(' ');
      if (word === 'nmcp-api' || word === 'nmcp-worker' || real === 'nmcp serve') {
        const app = startApp(APPS[word] ?? 'standalone', args, environment);
        running.push(app);
        const [, served, api] = await app.says(READY);
        url = served ?? api ?? url;
        continue;
      }
      const functions = Object.entries(APPS).map(
        ([name, app]) => `${name}() { "${process.execPath}" "${appPath(app)}" "$@"; }`,
      );
      const script = `${functions.join('\n')}\n${real}\nenv -0 > "${folder.path}/env"`;
      const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
        env: environment,
      });
      said.set(line, stdout);
      const after = await readFile(`${folder.path}/env`, 'utf8');
      environment = Object.fromEntries(
        after
          .split('\0')
          .filter((each) => each.includes('='))
          .map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
      );
    }
  } catch (error) {
    await stop();
    await folder[Symbol.asyncDispose]();
    throw error;
  }
  return {
    said,
    url,
    environment,
    folder: srv,
    async [Symbol.asyncDispose]() {
      await stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}
