import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { inputSchemaOf } from '../../../src/core/agents/tool.ts';
import { AGENT_TOOLS } from '../../../src/core/agents/tools.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  contributes: { languageModelTools: { name: string; displayName: string; modelDescription: string; inputSchema: unknown }[] };
};

describe('the language-model tools of the manifest', () => {
  const { languageModelTools } = manifest.contributes;

  it('are the definitions that the MCP server has, word for word', () => {
    assert.deepEqual(
      languageModelTools.map(({ name, displayName, modelDescription, inputSchema }) => ({
        name,
        title: displayName,
        description: modelDescription,
        inputSchema,
      })),
      AGENT_TOOLS.map((tool) => ({ name: tool.name, title: tool.title, description: tool.description, inputSchema: inputSchemaOf(tool) })),
    );
  });
});
