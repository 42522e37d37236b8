/**
 * Files that say what the grammar says: the JSON Schemas for YAML tools, and the tables of the reference, each between its marks.
 * `node scripts/grammar.mjs` writes them; a unit test fails when one differs.
 */
import fs from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap.mjs';
import { AGENT_RESOURCES } from '../src/core/agents/resources.ts';
import { inputSchemaOf } from '../src/core/agents/tool.ts';
import { AGENT_TOOLS } from '../src/core/agents/tools.ts';
import { modelsSchema } from '../src/core/ai/models/config.ts';
import { teamSchema } from '../src/core/team/teamFile.ts';
import { fieldAt } from '../src/core/yaml/grammar.ts';
import { withoutStops } from '../src/core/workflow/authoring/samples.ts';
import { EXPECTATION_SNIPPETS } from '../src/core/workflow/authoring/stepSnippets.ts';
import { EXPRESSION_MEMBERS, EXPRESSION_NAMES } from '../src/core/workflow/expressionNames.ts';
import { jsonSchemas } from '../src/core/workflow/jsonSchema.ts';
import { stepSchema, workflowSchema } from '../src/core/workflow/schema.ts';

/** Path of each file, relative to the project, to its text. */
export function grammarFiles() {
  const schemas = Object.entries(jsonSchemas()).map(([name, schema]) => [
    `media/schemas/${name}.schema.json`,
    `${JSON.stringify(schema, null, 2)}\n`,
  ]);
  const pages = Object.entries(TABLES).map(([page, tables]) => [page, withTables(page, tables)]);
  return Object.fromEntries([...schemas, ...pages]);
}

const code = (text) => `\`${text}\``;

function table(head, rows) {
  const cells = (row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [head, head.map(() => '---'), ...rows].map(cells).join('\n');
}

/** Puts each table between the marks that name it; the prose around them is written by hand. */
function withTables(page, tables) {
  return Object.entries(tables).reduce(
    (text, [name, make]) => {
      const mark = new RegExp(`(<!-- ${name}: from the grammar -->\\n)[\\s\\S]*?(<!-- end -->)`);
      if (!mark.test(text)) throw new Error(`${page} has no place for the table "${name}"`);
      return text.replace(mark, (_all, begin, end) => `${begin}\n${make()}\n\n${end}`);
    },
    fs.readFileSync(path.join(root, page), 'utf8'),
  );
}

const TABLES = {
  'docs/reference/workflow.md': {
    workflow: workflowTable,
    step: stepTable,
    kinds: kindsTable,
    expectations: expectationsTable,
    expressions: expressionsTable,
  },
  'docs/reference/models.md': { model: modelTable },
  'docs/reference/team.md': { team: teamTable },
  'docs/reference/mcp.md': { tools: toolsTable, arguments: argumentsTable, resources: resourcesTable },
};

const keysOf = (schema, at = [], value = {}) => fieldAt(schema, at, value)?.shape.keys ?? [];

function workflowTable() {
  const rows = keysOf(workflowSchema).map(({ name, required, field }) => [code(name), required ? 'yes' : '', field.description ?? '']);
  return table(['key', 'required', 'is'], rows);
}

function kindsOf() {
  return keysOf(stepSchema).find(({ name }) => name === 'kind').field.shape.choices;
}

function kindsTable() {
  return table(
    ['kind', 'is'],
    kindsOf().map(({ value, description }) => [code(value), description ?? '']),
  );
}

function stepTable() {
  const kinds = kindsOf().map(({ value }) => ({ value, keys: keysOf(stepSchema, [], { kind: value }) }));
  const rows = keysOf(stepSchema).map(({ name, field }) => {
    const having = kinds.filter(({ keys }) => keys.some((key) => key.name === name));
    const required = having.every(({ keys }) => keys.find((key) => key.name === name)?.required);
    const which = having.length === kinds.length ? 'all' : having.map(({ value }) => value).join(', ');
    return [code(name), which, required ? 'yes' : '', valuesText(field)];
  });
  return table(['key', 'kinds', 'required', 'is'], rows);
}

/** What it is, and the values it may have where they are few; those of `kind` have a table of their own. */
function valuesText({ description = '', shape }) {
  const listed = shape.type === 'choice' && !shape.choices.some((choice) => choice.description !== undefined);
  const values = listed ? shape.choices.map(({ value }) => code(String(value))).join(', ') : '';
  return values === '' || values === '`true`, `false`' ? description : `${values}. ${description}`;
}

/** The keys of a model, and below each the keys inside of it. */
function modelTable() {
  const rows = keysOf(modelsSchema, ['models', 'any'], {}).flatMap(({ name, required, field }) => [
    [code(name), required ? 'yes' : '', valuesText(field)],
    ...(field.shape.keys ?? []).map((inner) => [code(`${name}.${inner.name}`), inner.required ? 'yes' : '', valuesText(inner.field)]),
  ]);
  return table(['key', 'required', 'is'], rows);
}

function teamTable() {
  const rows = keysOf(teamSchema).flatMap(({ name, required, field }) => [
    [code(name), required ? 'yes' : '', valuesText(field)],
    ...(field.shape.keys ?? []).map((inner) => [code(`${name}.${inner.name}`), '', valuesText(inner.field)]),
  ]);
  return table(['key', 'required', 'is'], rows);
}

function expectationsTable() {
  const keys = keysOf(workflowSchema, ['steps', 0, 'expect', 0], {});
  const rows = Object.entries(EXPECTATION_SNIPPETS).map(([name, [first]]) => [
    code(withoutStops(first)),
    keys.find((key) => key.name === name)?.field.description ?? '',
  ]);
  const sections = keys.find(({ name }) => name === 'sections');
  return table(['expectation, for example', 'holds when'], rows.toSpliced(1, 0, [code('sections: [Problem]'), sections.field.description]));
}

function expressionsTable() {
  const members = (name) => Object.entries(EXPRESSION_MEMBERS[name] ?? {}).map(([member, is]) => [code(`${name}.${member}`), is]);
  const rows = Object.entries(EXPRESSION_NAMES).flatMap(([name, is]) => (EXPRESSION_MEMBERS[name] ? members(name) : [[code(name), is]]));
  return table(['name', 'is'], rows);
}

function toolsTable() {
  const rows = AGENT_TOOLS.map(({ name, description, readOnly }) => [code(name), readOnly ? 'looks' : 'acts', description]);
  return table(['tool', 'looks or acts', 'is'], rows);
}

function argumentsTable() {
  const rows = AGENT_TOOLS.flatMap((tool) => {
    const { properties, required = [] } = inputSchemaOf(tool);
    return Object.entries(properties).map(([name, { description = '' }]) => [
      code(tool.name),
      code(name),
      required.includes(name) ? 'yes' : '',
      description,
    ]);
  });
  return table(['tool', 'argument', 'required', 'is'], rows);
}

function resourcesTable() {
  return table(
    ['resource', 'is'],
    AGENT_RESOURCES.map(({ uri, description }) => [code(uri), description]),
  );
}
