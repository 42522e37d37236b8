import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EditorModel, EditorModels, ModelRequest } from '../../src/core/ai/provider.ts';
import { estimateTokens } from '../../src/core/ai/review/tokens.ts';
import type { ReviewService } from '../../src/core/ai/service.ts';
import { createReviewService } from '../../src/node/ai/reviewService.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';

/** The review service with models of an editor: who gets to see what, and when. */

const MODEL: EditorModel = {
  id: 'careful-1',
  vendor: 'scripted',
  family: 'careful',
  version: '1',
  name: 'Careful One',
  maxInputTokens: 12_000,
};
const SOURCE = Array.from({ length: 60 }, (_, index) => `export const value${index} = ${index};`).join('\n');

class FakeEditorModels implements EditorModels {
  offered: EditorModel[] = [MODEL];
  readonly counted: string[] = [];
  readonly asked: ModelRequest[] = [];

  list(): Promise<EditorModel[]> {
    return Promise.resolve(this.offered);
  }

  provider(model: EditorModel, name: string): ReturnType<EditorModels['provider']> {
    const { asked, counted } = this;
    return {
      name,
      model: model.id,
      origin: `editor:${model.vendor}`,
      contextTokens: model.maxInputTokens,
      countTokens(text) {
        counted.push(text);
        return Promise.resolve(text.length);
      },
      async *stream(request) {
        asked.push(request);
        await Promise.resolve();
        yield { type: 'text', text: '{"findings":[]}' };
        yield { type: 'usage', inputTokens: 700, outputTokens: 5, cachedTokens: 0 };
        yield { type: 'end', reason: 'stop' };
      },
    };
  }
}

describe('review service in an editor with language models', function () {
  this.timeout(60_000);

  let repo: TestRepo;
  let home: string;
  let models: FakeEditorModels;
  let service: ReviewService;
  const request = { scope: 'file' as const, paths: ['src/values.ts'] };
  const { signal } = new AbortController();

  beforeEach(async () => {
    repo = createTestRepo({ files: { 'src/values.ts': SOURCE }, branch: 'feat/values' });
    home = mkdtempSync(join(tmpdir(), 'handrail home-'));
    models = new FakeEditorModels();
    service = createReviewService({
      root: repo.root,
      home,
      env: {},
      keys: { get: () => Promise.resolve(undefined) },
      trusted: () => true,
      environmentIsChoice: false,
      editorModels: models,
      builtin: { reads: () => true, review: () => Promise.resolve([]) },
      secrets: { scan: () => Promise.resolve([]) },
    });
    const { offers } = await service.choose({ lookForServers: true });
    await service.follow(offers.find(({ kind }) => kind === 'editor'));
  });

  afterEach(() => {
    repo.remove();
    rmSync(home, { recursive: true, force: true });
  });

  it('shows no text to the model, not even for counting, before the person agreed', async () => {
    const { choice, requests } = await service.preview(request, { signal });
    assert.deepEqual([choice.origin, choice.confirmed, choice.needsKey], ['editor:scripted', false, false]);
    assert.deepEqual(
      requests.map(({ inputTokens }) => inputTokens),
      requests.map(({ text }) => estimateTokens(text)),
    );
    await assert.rejects(service.review(request, { signal, onEvent: () => {} }), { reason: 'untrusted' });
    assert.deepEqual([models.counted, models.asked], [[], []]);
  });

  it('shows the model’s own count afterwards, and keeps to it', async () => {
    await service.confirm('editor:scripted');
    const { requests } = await service.preview(request, { signal });
    assert.deepEqual(
      requests.map(({ inputTokens }) => inputTokens),
      requests.map(({ text }) => text.length),
    );
    assert.deepEqual(models.asked, []);
    const result = await service.review(request, { signal, onEvent: () => {} });
    assert.equal(result.modelId, MODEL.id);
    assert.equal(models.asked.length, requests.length);
    assert.equal(result.usage.inputTokens, 700 * requests.length);
  });

  it('keeps what the calls took for the health of the model', async () => {
    await service.confirm('editor:scripted');
    await service.review(request, { signal, onEvent: () => {} });
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((file) => /health/.test(file) && /\.\w+$/.test(file));
    const health = files.map((file) => readFileSync(join(home, file), 'utf8')).join('');
    assert.match(health, /"origin":\s*"editor:scripted"/);
  });

  it('says that the model is gone instead of asking another one', async () => {
    await service.confirm('editor:scripted');
    models.offered = [{ ...MODEL, id: 'other-1', name: 'Other One', family: 'other' }];
    assert.equal((await service.choose()).problem?.reason, 'model-not-found');
    await assert.rejects(service.preview(request, { signal }), { reason: 'model-not-found', message: /does not offer/ });
    await assert.rejects(service.review(request, { signal, onEvent: () => {} }), { reason: 'model-not-found' });
    assert.deepEqual(models.asked, []);
  });
});
