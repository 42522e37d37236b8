/** The manifest against the code: what it contributes exists, and what exists is contributed. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');

interface MenuItem {
  command?: string;
  group?: string;
  when?: string;
}
interface Manifest {
  main: string;
  l10n?: string;
  files: string[];
  activationEvents: string[];
  contributes: {
    commands: { command: string; title: string; category?: string; icon?: unknown }[];
    keybindings: { command: string }[];
    menus: Record<string, MenuItem[]>;
    views: Record<string, { id: string; icon?: string }[]>;
    viewsContainers: Record<string, { id: string; icon: string }[]>;
    viewsWelcome: { view: string; contents: string }[];
    taskDefinitions?: { type: string }[];
    configuration: { properties: Record<string, { default?: unknown; description?: string; markdownDescription?: string }> };
  };
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const texts = JSON.parse(read('package.nls.json')) as Record<string, string>;
const { contributes } = manifest;

function sources(folder: string): { file: string; text: string }[] {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: path.posix.join(folder, file.split(path.sep).join('/')), text: read(path.join(folder, file)) }));
}

const code = [...sources('src/vscode'), { file: 'src/extension.ts', text: read('src/extension.ts') }];
const allText = code.map(({ text }) => text).join('\n');
const unique = (values: Iterable<string>): string[] => [...new Set(values)].toSorted();
const matches = (text: string, pattern: RegExp): string[] => unique([...text.matchAll(pattern)].map((match) => match[1] ?? ''));

/** Keys of the command tables. The type that lists every command stands in commands.ts and registers nothing. */
const registered = unique(
  code.filter(({ file }) => file !== 'src/vscode/commands.ts').flatMap(({ text }) => matches(text, /'(handrail\.[\w.]+)'\s*(?::|\()/g)),
);
const contributed = unique(contributes.commands.map(({ command }) => command));

describe('the manifest', () => {
  it('contributes the commands that the code registers', () => assert.deepEqual(contributed, registered));

  it('contributes each command once', () => assert.equal(contributes.commands.length, contributed.length));

  it('lists every command in the typed table', () => {
    const map = read('src/vscode/commands.ts').split('export interface CommandMap')[1]?.split('\n}')[0] ?? '';
    assert.deepEqual(matches(map, /'(handrail\.[\w.]+)':/g), contributed);
  });

  it('names contributed commands only, in menus, keybindings and welcome texts', () => {
    const own = (id: string | undefined): id is string => id?.startsWith('handrail.') === true;
    const used = [
      ...Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command).filter(own)),
      ...contributes.keybindings.map(({ command }) => command.replace(/^-/, '')).filter(own),
      ...Object.values(texts).flatMap((text) => matches(text, /command:(handrail\.[\w.]+)/g)),
    ];
    // The editor makes a command for each view that shows it.
    const shows = Object.values(contributes.views).flatMap((views) => views.map(({ id }) => `${id}.focus`));
    assert.deepEqual(
      unique(used).filter((id) => !contributed.includes(id) && !shows.includes(id)),
      [],
    );
  });

  it('gives the commands that stand as icons an icon', () => {
    const shown = Object.entries(contributes.menus).flatMap(([menu, items]) =>
      items
        .filter(({ group = '' }) => group.startsWith('inline') || (menu.endsWith('/title') && group.startsWith('navigation')))
        .flatMap(({ command }) => command ?? []),
    );
    const without = unique(shown).filter((id) => contributes.commands.find(({ command }) => command === id)?.icon === undefined);
    assert.deepEqual(without, []);
  });

  it('contributes the views that the code fills', () => {
    const views = unique(Object.values(contributes.views).flatMap((list) => list.map(({ id }) => id)));
    const filled = views.filter((id) => allText.includes(`'${id}'`));
    assert.deepEqual(filled, views);
    assert.deepEqual(
      unique(contributes.viewsWelcome.map(({ view }) => view)).filter((id) => !views.includes(id)),
      [],
    );
  });

  it('has a setting for each one that the code reads, and the code reads each setting', () => {
    const settings = unique(Object.keys(contributes.configuration.properties));
    // getConfiguration('handrail').get('review.x'), with the scope between the parentheses when there is one.
    const asked = unique(
      [...allText.matchAll(/getConfiguration\('(handrail[\w.]*)'[^)]*\)\s*\.(?:get|inspect|update)(?:<[^>]*>)?\('([\w.]+)'/g)].map(
        ([, section, key]) => `${section}.${key}`,
      ),
    );
    assert.deepEqual(asked, settings);
  });

  it('has a text for each placeholder, and no text too many', () => {
    const used = matches(JSON.stringify(manifest), /"%([\w.-]+)%"/g);
    assert.deepEqual(unique(Object.keys(texts)), used);
  });

  it('shows every palette entry under the category Handrail', () => {
    const hidden = new Set(contributes.menus['commandPalette']?.filter(({ when }) => when === 'false').map(({ command }) => command));
    const category = (value: string | undefined) => (value?.startsWith('%') ? texts[value.slice(1, -1)] : value);
    const strays = contributes.commands.filter((entry) => !hidden.has(entry.command) && category(entry.category) !== 'Handrail');
    assert.deepEqual(
      strays.map(({ command }) => command),
      [],
    );
  });

  it('points at files that exist and are packed', () => {
    const icons = [
      ...Object.values(contributes.viewsContainers).flatMap((list) => list.map(({ icon }) => icon)),
      ...Object.values(contributes.views).flatMap((list) => list.flatMap(({ icon }) => (icon?.includes('/') ? [icon] : []))),
    ];
    for (const icon of icons) {
      assert.ok(fs.existsSync(path.join(root, icon)), `${icon} is missing`);
      assert.match(icon, /^media\//);
    }
    assert.ok(manifest.files.includes('media/**'));
    if (manifest.l10n) assert.ok(manifest.files.includes(`${manifest.l10n.replace(/^\.\//, '')}/**`));
  });

  it('activates on a workflow, on its views and commands, and never at once', () => {
    assert.deepEqual(
      manifest.activationEvents.filter((event) => event === '*' || event === 'onStartupFinished'),
      [],
    );
    assert.ok(manifest.activationEvents.includes('workspaceContains:.handrail/**'));
  });
});
