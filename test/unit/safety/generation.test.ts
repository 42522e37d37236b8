import assert from 'node:assert/strict';
import type { GenerateResult } from '../../../src/core/ai/generate/generation.ts';
import { runGeneration, type GenerateInput, type GeneratePorts } from '../../../src/core/ai/generate/pipeline.ts';
import type { ModelRequest } from '../../../src/core/ai/provider.ts';
import { shownText } from '../../../src/core/ai/shownText.ts';
import { scanSecrets } from '../../../src/node/ai/builtin/secretScan.ts';
import { injectionGroups } from '../../support/injectionCorpus.ts';
import { CONTROL_TOKENS, UNSEEN } from '../../support/promptParts.ts';
import { MARKER } from './reviews.ts';

async function generate(more: Partial<GenerateInput>, answer: string): Promise<{ sent: ModelRequest; result: GenerateResult }> {
  const sent: ModelRequest[] = [];
  const ports: GeneratePorts = {
    secrets: { scan: scanSecrets },
    marker: () => MARKER,
    provider: {
      name: 'writer',
      model: 'test-model',
      origin: 'https://models.example.com',
      contextTokens: 128_000,
      async *stream(request) {
        sent.push(request);
        await Promise.resolve();
        yield { type: 'text', text: answer };
        yield { type: 'end', reason: 'stop' };
      },
    },
    targets: { exists: () => Promise.resolve(false), refused: () => Promise.resolve(undefined) },
  };
  const input: GenerateInput = {
    instruction: 'Do it.',
    files: [],
    skipped: [],
    named: [],
    instructions: '',
    names: [],
    notices: [],
    ...more,
  };
  const result = await runGeneration(input, ports, { signal: new AbortController().signal, onEvent: () => undefined });
  return { sent: sent[0] ?? { system: '', user: '', maxOutputTokens: 0 }, result };
}

const CASES = injectionGroups(MARKER).flatMap(({ cases }) => cases);

describe('hostile text in a generation', function () {
  this.timeout(60_000);

  it('cannot end its fence, hide, or end a turn, wherever it stands', async () => {
    const systems = new Set<string>();
    for (const { id, path, text: words } of CASES) {
      const text = words === '' ? 'Use tabs.' : words;
      const file = { path, text: `${text}\n`, needed: true };
      const { sent } = await generate(
        {
          files: [file],
          prompt: { path: `prompts/${id}.prompt.md`, text },
          step: { title: text, why: text },
          at: { file: path, startLine: 1, endLine: 1, selected: false },
          instructions: text,
          names: [path, text],
        },
        'Nothing to do.',
      );
      systems.add(sent.system);
      assert.doesNotMatch(sent.user.replaceAll('\n', ' '), UNSEEN, id);
      assert.doesNotMatch(sent.user, CONTROL_TOKENS, id);
      const fence = /^Marker of this request: (\S+)\n/.exec(sent.user)?.[1] ?? '';
      // Conventions, names, the file, the place and the prompt file are fenced; the first line tells the marker.
      const fences = sent.user.split('\n').filter((line) => line === fence || line.startsWith(`${fence} `));
      assert.equal(fences.length, 10, id);
      assert.equal(sent.user.split(fence).length - 1, 11, id);
    }
    assert.equal(systems.size, 1);
  });

  it('is edited as it is, though the model was shown it written out', async () => {
    for (const { id, text } of CASES.filter(({ where }) => where === 'code')) {
      const shown = shownText(text).split('\n');
      const at = shown.findIndex((line, index) => line.includes('\u27e6') && shown.indexOf(line) === index);
      if (at < 0) continue;
      const [line = '', original = ''] = [shown[at], text.split('\n')[at]];
      const answer = `src/a.ts\n<<<<<<< SEARCH\n${line}\n=======\n${line}\nadded();\n>>>>>>> REPLACE\n`;
      const { result } = await generate({ files: [{ path: 'src/a.ts', text: `${text}\n`, needed: true }] }, answer);
      assert.deepEqual(result.unplaced, [], id);
      assert.ok(result.changes[0]?.after.includes(`${original}\nadded();`), id);
      assert.deepEqual(result.notices, [], id);
    }
  });

  it('is told where a change brings in what nobody sees', async () => {
    const answer = 'src/a.ts\n<<<<<<< SEARCH\na();\n=======\na(); // \u202e\u2066\n>>>>>>> REPLACE\n';
    const { result } = await generate({ files: [{ path: 'src/a.ts', text: 'a();\n', needed: true }] }, answer);
    assert.deepEqual(result.notices, ['The change of src/a.ts brings in characters that cannot be seen: ⟦U+202E⟧ ⟦U+2066⟧.']);
  });
});
