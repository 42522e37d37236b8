import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, globSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { findCommand, GLOBAL_OPTIONS, parseCommandLine } from '../../src/cli/arguments.ts';
import { COMMANDS } from '../../src/cli/commandTable.ts';
import { commandHelp } from '../../src/cli/text/help.ts';
import { prepareExample } from '../../scripts/example.mjs';
import { createTestAssistants } from '../support/assistants.ts';
import { CLI, createCliRunner, type CliRunner } from '../support/cliRun.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';

const root = resolve(import.meta.dirname, '../..');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'examples/shop/README.md',
  'examples/team-data/README.md',
  ...globSync('docs/**/*.md', { cwd: root }),
];

/** What a model that is asked to write answers with. */
const NEW_TEST = 'A first test.\n\ntest/first.test.ts\n<<<<<<< SEARCH\n=======\nexport {};\n>>>>>>> REPLACE\n';

interface Block {
  /** After the language, e.g. `with-model-server`. */
  info: string;
  text: string;
}

function blocks(text: string, language: string): Block[] {
  return [...text.matchAll(/^( *)```(\w+)([^\n]*)\n([\s\S]*?)^\1```$/gm)]
    .filter((match) => match[2] === language)
    .map((match) => ({ info: (match[3] ?? '').trim(), text: match[4] ?? '' }));
}

/** `handrail …` as written in running text, where capitals and `…` stand for values. */
function mentions(text: string): string[] {
  const prose = text.replace(/^( *)```[\s\S]*?^\1```$/gm, '');
  return [...prose.matchAll(/`handrail ([^`]+)`/g)].map((match) => match[1] ?? '');
}

describe('the documentation', function () {
  this.timeout(180_000);

  for (const path of documents) {
    const text = readFileSync(join(root, path), 'utf8');

    it(`${path}: links lead somewhere`, () => {
      for (const [, target = ''] of text.matchAll(/(?<!!)\[[^\]]*\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
        assert.ok(existsSync(join(root, dirname(path), target)), `${target} does not exist`);
      }
    });

    for (const mention of mentions(text)) {
      it(`${path}: \`handrail ${mention}\` is understood`, async () => {
        if (mention.startsWith('[') || mention.startsWith('COMMAND')) return assert.match(mention, /COMMAND/);
        const { command: name, rest } = findCommand(mention.split(/\s+/));
        const entry = COMMANDS.find((known) => known.name === name);
        assert.ok(entry || name === undefined, `no command ${name}`);
        const command = await entry?.load();
        parseCommandLine(rest, { ...GLOBAL_OPTIONS, ...command?.options }, undefined);
      });
    }

    describe(`${path}: commands`, () => {
      const places = new Map<string, Promise<Place>>();
      after(async () => {
        for (const place of places.values()) await (await place).close();
      });
      for (const { info, text: block } of blocks(text, 'sh')) {
        // A document is read from top to bottom, so its commands run one after the other in one copy of the example.
        const kind = block.includes('without a workflow') ? 'without-workflow' : info;
        const lines = block.split('\n').map((line) => line.trim());
        for (const line of lines.filter((one) => one !== '' && !one.startsWith('#'))) {
          it(line, async () => {
            if (!places.has(kind)) places.set(kind, openPlace(kind));
            await (await places.get(kind))?.run(line);
          });
        }
      }
    });
  }

  it('shows the help of every command as it is', async () => {
    const path = join(root, 'docs/reference/cli.md');
    let text = readFileSync(path, 'utf8');
    const written = text;
    for (const { name, load } of COMMANDS) {
      const help = commandHelp(await load());
      text = text.replace(
        new RegExp(`(### ${name}\\n\\n\`\`\`text\\n)[\\s\\S]*?(\`\`\`)`),
        (_all, head: string, tail: string) => `${head}${help}\n${tail}`,
      );
      assert.ok(text.includes(help), `docs/reference/cli.md has no section ${name}`);
    }
    if (process.env['UPDATE_DOCS']) writeFileSync(path, text);
    else assert.equal(written, text, 'the help has changed; run this test with UPDATE_DOCS=1');
  });
});

interface Place {
  run(line: string): Promise<void>;
  close(): Promise<void>;
}

/** A fresh copy of the example with `handrail` on the path; `kind` is the block's own word for what it needs. */
async function openPlace(kind: string): Promise<Place> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail docs-')));
  const project = join(folder, 'my shop');
  if (kind === 'team-data') cpSync(join(root, 'examples/team-data'), project, { recursive: true });
  else await prepareExample(project);
  if (kind === 'without-workflow') rmSync(join(project, '.handrail'), { recursive: true });
  const launcher = join(folder, 'handrail');
  writeFileSync(launcher, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  chmodSync(launcher, 0o755);
  const cli: CliRunner = createCliRunner();
  const server: ModelServer | undefined =
    kind === 'with-model-server'
      ? await startModelServer({
          replies: [{ text: '{"findings":[]}' }],
          answers: [{ when: '>>>>>>> REPLACE', reply: { text: NEW_TEST } }],
        })
      : undefined;
  const assistants = kind === 'with-assistants' ? createTestAssistants() : undefined;
  const env = {
    ...cli.env,
    PATH: [folder, assistants?.env['PATH'] ?? dirname(process.execPath), cli.env['PATH'] ?? ''].join(delimiter),
    ...(server === undefined ? {} : { OPENAI_BASE_URL: server.baseURL }),
  };
  return {
    async run(line) {
      const script = /^npm (?:run )?(\S+)/.exec(line)?.[1];
      if (script !== undefined) return assertScript(script);
      const wanted = Number(/# exits (\d+)/.exec(line)?.[1] ?? 0);
      const child = spawn('sh', ['-c', line], { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      const [code] = (await once(child, 'close')) as [number | null];
      assert.equal(code, wanted, output);
      assert.notEqual(output, '');
    },
    async close() {
      await server?.close();
      assistants?.remove();
      cli.remove();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The npm scripts are run by everyone all the time; here it is enough that they exist. */
function assertScript(name: string): void {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const command = scripts[name];
  assert.ok(command, `package.json has no script ${name}`);
  const [, file = ''] = /^node (\S+)/.exec(command) ?? [];
  assert.ok(file === '' || existsSync(join(root, file)), `${file} does not exist`);
}
