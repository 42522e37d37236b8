import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse as parseJsonc } from 'jsonc-parser';
import { parse, stringify } from 'smol-toml';
import { failureOf } from '../../../src/core/errors.ts';
import { connectChange, disconnectChange } from '../../../src/core/usage/assistantSettings.ts';
import { formatEndpoint, parseEndpoint, type Connectable } from '../../../src/core/usage/connection.ts';

const ENDPOINT = { port: 43_187, secret: 'abcdefghijklmnopqrstuvwxyz012345' };
const OTHER = { port: 50_000, secret: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345' };
const JSONS = ['claude-code', 'gemini-cli', 'copilot'] as const;

/** As plain objects. */
const parseToml = (text: string): unknown => JSON.parse(JSON.stringify(parse(text)));

function reasonOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return failureOf(error)?.reason ?? assert.fail(String(error));
  }
}

/** Connects, and undoes it with what was remembered. */
function roundTrip(assistant: Connectable, before: string | undefined): string | undefined {
  const { after, added } = connectChange(assistant, before, ENDPOINT);
  return disconnectChange(assistant, after, added).after;
}

describe('settings of Claude Code, Gemini CLI and Copilot Chat', () => {
  it('get the entries that each documents, and nothing else changes', () => {
    const claude = '{\n  // mine\n  "model": "opus",\n  "env": { "FOO": "1" }\n}\n';
    const after = connectChange('claude-code', claude, ENDPOINT).after ?? '';
    assert.match(after, /\/\/ mine/);
    assert.deepEqual(parseJsonc(after), {
      model: 'opus',
      env: {
        FOO: '1',
        CLAUDE_CODE_ENABLE_TELEMETRY: '1',
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `http://127.0.0.1:43187/${ENDPOINT.secret}/v1/metrics`,
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_METRICS_INCLUDE_SESSION_ID: 'false',
        OTEL_METRICS_INCLUDE_ACCOUNT_UUID: 'false',
      },
    });
    assert.deepEqual(
      parseJsonc(connectChange('gemini-cli', '{ "telemetry": { "enabled": true, "logPrompts": false } }', ENDPOINT).after ?? ''),
      {
        telemetry: {
          enabled: true,
          logPrompts: false,
          target: 'local',
          otlpProtocol: 'http',
          otlpEndpoint: `http://127.0.0.1:43187/${ENDPOINT.secret}`,
        },
      },
    );
    assert.deepEqual(parseJsonc(connectChange('copilot', undefined, ENDPOINT).after ?? ''), {
      'github.copilot.chat.otel.enabled': true,
      'github.copilot.chat.otel.exporterType': 'otlp-http',
      'github.copilot.chat.otel.otlpEndpoint': `http://127.0.0.1:43187/${ENDPOINT.secret}`,
      'github.copilot.chat.otel.captureContent': false,
      'settingsSync.ignoredSettings': ['github.copilot.chat.otel.otlpEndpoint'],
    });
  });

  it('add to a list without taking anything out of it', () => {
    const before = '{ "settingsSync.ignoredSettings": ["a", "b"] }';
    const { after, added } = connectChange('copilot', before, ENDPOINT);
    assert.deepEqual((parseJsonc(after ?? '') as Record<string, unknown>)['settingsSync.ignoredSettings'], [
      'a',
      'b',
      'github.copilot.chat.otel.otlpEndpoint',
    ]);
    assert.deepEqual(parseJsonc(disconnectChange('copilot', after, added).after ?? ''), parseJsonc(before));
  });

  it('are as before once it is undone, whatever a person has in them', () => {
    const settings = fc.dictionary(
      fc.constantFrom('env', 'telemetry', 'theme', 'hooks', 'a b'),
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
      { maxKeys: 4 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...JSONS), settings, fc.constantFrom(undefined, 2, 4, '\t'), (assistant, value, space) => {
        const before = `${JSON.stringify(value, undefined, space)}\n`;
        assert.deepEqual(parseJsonc(roundTrip(assistant, before) ?? 'none'), parseJsonc(before));
      }),
    );
    for (const assistant of JSONS) {
      assert.equal(roundTrip(assistant, undefined), undefined, 'a file that was not there');
      assert.equal(roundTrip(assistant, '{\n  "theme": "dark" // why\n}\n'), '{\n  "theme": "dark" // why\n}\n');
    }
  });

  it('are as before also where they were empty, or began with a byte order mark', () => {
    for (const assistant of [...JSONS, 'codex'] as const) {
      assert.equal(roundTrip(assistant, ''), '', assistant);
      assert.equal(roundTrip(assistant, undefined), undefined, assistant);
    }
    const settings = '\uFEFF{\n  "theme": "dark"\n}\n';
    const connected = connectChange('claude-code', settings, ENDPOINT).after ?? '';
    assert.ok(connected.startsWith('\uFEFF{\n  "theme": "dark",\n  "env": {'), connected);
    assert.equal(roundTrip('claude-code', settings), settings);
    assert.equal(roundTrip('codex', '\uFEFFmodel = "gpt-5"\n'), '\uFEFFmodel = "gpt-5"\n');
    // Connected a second time, it is known as well that we made the file.
    const first = connectChange('codex', undefined, ENDPOINT);
    const second = connectChange('codex', first.after, OTHER, { added: first.added });
    assert.equal(disconnectChange('codex', second.after, second.added).after, undefined);
  });

  it('keep what was there before and what a person changed since', () => {
    const before = '{ "telemetry": { "logPrompts": false } }';
    const { after, added } = connectChange('gemini-cli', before, ENDPOINT);
    assert.deepEqual(parseJsonc(disconnectChange('gemini-cli', after, added).after ?? ''), parseJsonc(before));
    const changed = (after ?? '').replace('"local"', '"gcp"').replace(ENDPOINT.secret, 'elsewhere');
    assert.deepEqual(parseJsonc(disconnectChange('gemini-cli', changed, added).after ?? ''), {
      telemetry: { logPrompts: false, target: 'gcp', otlpEndpoint: 'http://127.0.0.1:43187/elsewhere' },
    });
  });

  it('are cleaned also where nobody remembers what was added, by their address alone', () => {
    const { after } = connectChange('claude-code', '{}', ENDPOINT);
    assert.deepEqual(parseJsonc(disconnectChange('claude-code', after, undefined).after ?? ''), { env: {} });
    const own = '{ "env": { "CLAUDE_CODE_ENABLE_TELEMETRY": "1", "OTEL_METRICS_EXPORTER": "otlp" } }';
    assert.equal(disconnectChange('claude-code', own, undefined).after, own);
  });

  it('follow a new secret or port', () => {
    const first = connectChange('claude-code', undefined, ENDPOINT);
    const second = connectChange('claude-code', first.after, OTHER, { added: first.added });
    assert.match(second.after ?? '', /50000/);
    assert.doesNotMatch(second.after ?? '', /43187|abcdef/);
    assert.equal(disconnectChange('claude-code', second.after, second.added).after, undefined);
    assert.equal(connectChange('claude-code', second.after, OTHER, { added: second.added }).after, second.after, 'nothing to do');
  });

  it('are left alone where they report elsewhere, or cannot be read', () => {
    const cases: [Connectable, string][] = [
      ['claude-code', '{ "env": { "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer x" } }'],
      ['claude-code', '{ "env": [] }'],
      ['gemini-cli', '{ "telemetry": { "enabled": false } }'],
      ['gemini-cli', '{ "telemetry": { "otlpEndpoint": "https://collector.example" } }'],
      ['copilot', '{ "github.copilot.chat.otel.captureContent": true }'],
      ['codex', '[otel]\nexporter = "none"\n'],
      ['codex', '[otel.exporter."otlp-http"]\nendpoint = "https://x"\nprotocol = "json"\n'],
      ['codex', 'otel = { environment = "dev" }\n'],
      ['codex', '[otel]\nlog_user_prompt = true\n'],
    ];
    for (const [assistant, text] of cases)
      assert.equal(
        reasonOf(() => connectChange(assistant, text, ENDPOINT)),
        'conflict',
        text,
      );
    for (const text of ['{', '[]', '"x"', '{ "a": }'])
      assert.equal(
        reasonOf(() => connectChange('claude-code', text, ENDPOINT)),
        'config',
        text,
      );
    assert.equal(
      reasonOf(() => connectChange('codex', 'model = \n', ENDPOINT)),
      'config',
    );
  });
});

describe('an assistant that could report to somebody else too', () => {
  const refused = (assistant: Connectable, text: string | undefined, env: Record<string, string> = {}): string => {
    try {
      connectChange(assistant, text, ENDPOINT, { env });
    } catch (error) {
      const failure = failureOf(error);
      assert.equal(failure?.reason, 'conflict', `${assistant} ${text ?? ''}`);
      return failure.message;
    }
    return assert.fail(`${assistant} ${text ?? ''} ${Object.keys(env).join()}`);
  };

  it('is left alone where its settings hold more than we would switch on', () => {
    const corporate = {
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example',
      OTEL_LOG_USER_PROMPTS: '1',
    };
    assert.match(
      refused('claude-code', JSON.stringify({ env: corporate })),
      /env\.OTEL_EXPORTER_OTLP_ENDPOINT; env\.OTEL_LOGS_EXPORTER; env\.OTEL_LOG_USER_PROMPTS/,
    );
    for (const [name, value] of Object.entries({ ...corporate, OTEL_TRACES_EXPORTER: 'console', OTEL_LOG_TOOL_DETAILS: true }))
      refused('claude-code', JSON.stringify({ env: { [name]: value } }));
    refused('claude-code', '{ "otelHeadersHelper": "~/bin/headers.sh" }');
    for (const one of ['"outfile": "/tmp/x.log"', '"useCollector": true', '"otlpHeaders": { "a": "b" }', '"traces": true'])
      refused('gemini-cli', `{ "telemetry": { ${one} } }`);
    refused('copilot', '{ "github.copilot.chat.otel.outfile": "/tmp/x.log" }');
  });

  it('is left alone where the environment holds it, of which only the names are told', () => {
    const other = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://secret.example' };
    for (const assistant of ['claude-code', 'codex', 'gemini-cli', 'copilot'] as const) {
      const message = refused(assistant, undefined, other);
      assert.match(message, /OTEL_EXPORTER_OTLP_ENDPOINT in the environment/);
      assert.doesNotMatch(message, /secret\.example/);
    }
    refused('claude-code', undefined, { OTEL_LOGS_EXPORTER: 'otlp' });
    refused('claude-code', undefined, { OTEL_METRICS_EXPORTER: 'prometheus' });
    refused('claude-code', undefined, { CLAUDE_CODE_ENABLE_TELEMETRY: '0' });
    refused('gemini-cli', undefined, { GEMINI_TELEMETRY_OUTFILE: '/tmp/x.log' });
    refused('copilot', undefined, { COPILOT_OTEL_CAPTURE_CONTENT: 'true' });
  });

  it('is left alone where the settings of an administrator, which win over ours, hold it', () => {
    const administered =
      (assistant: Connectable, text: string): (() => unknown) =>
      () =>
        connectChange(assistant, '{}', ENDPOINT, { administered: text });
    for (const [assistant, text] of [
      ['claude-code', '{ "env": { "OTEL_LOGS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example" } }'],
      ['claude-code', '{ "env": { "CLAUDE_CODE_ENABLE_TELEMETRY": "0" } }'],
      ['claude-code', '{ "otelHeadersHelper": "/opt/headers" }'],
      ['gemini-cli', '{ "telemetry": { "otlpEndpoint": "https://collector.example" } }'],
      ['gemini-cli', '// ours\n{ "telemetry": { "logPrompts": true } }'],
      ['gemini-cli', '{ "telemetry": { "outfile": "/var/log/gemini" } }'],
    ] as const)
      assert.equal(reasonOf(administered(assistant, text)), 'conflict', text);
    for (const [assistant, text] of [
      ['claude-code', '{ "permissions": {}, "env": { "OTEL_LOGS_EXPORTER": "none", "FOO": "1" } }'],
      ['gemini-cli', '{ "telemetry": { "logPrompts": false }, "tools": {} }'],
      ['claude-code', ''],
    ] as const)
      assert.equal(reasonOf(administered(assistant, text)), undefined, text);
    assert.equal(reasonOf(administered('claude-code', '{ "env": ')), 'config', 'what cannot be read may hold anything');
  });

  it('is left alone where a proxy would get what is for this machine', () => {
    assert.match(
      refused('codex', undefined, { http_proxy: 'http://proxy' }),
      /http_proxy in the environment, without 127\.0\.0\.1 in NO_PROXY/,
    );
    refused('claude-code', undefined, { HTTPS_PROXY: 'http://proxy', NO_PROXY: 'example.org' });
    refused('claude-code', '{ "env": { "HTTPS_PROXY": "http://proxy" } }');
    connectChange('claude-code', '{ "env": { "no_proxy": "example.org, 127.0.0.1" } }', ENDPOINT, { env: { HTTPS_PROXY: 'http://proxy' } });
    connectChange('codex', undefined, ENDPOINT, { env: { ALL_PROXY: 'http://proxy', NO_PROXY: '*' } });
    // Neither sends to this machine by a proxy.
    for (const assistant of ['gemini-cli', 'copilot'] as const) connectChange(assistant, '{}', ENDPOINT, { env: { HTTP_PROXY: 'x' } });
  });

  it('is connected where such a thing is off, and never starts logs or traces', () => {
    const { after = '' } = connectChange(
      'claude-code',
      '{ "env": { "OTEL_LOGS_EXPORTER": "none", "OTEL_LOG_USER_PROMPTS": "0" }, "otelHeadersHelper": "" }',
      ENDPOINT,
      { env: { OTEL_TRACES_EXPORTER: '', OTEL_EXPORTER_OTLP_HEADERS: '', OTEL_RESOURCE_ATTRIBUTES: 'a=b' } },
    );
    const { env } = parseJsonc(after) as { env: Record<string, string> };
    assert.deepEqual([env['OTEL_LOGS_EXPORTER'], env['OTEL_TRACES_EXPORTER']], ['none', 'none']);
    const holding = Object.keys(env).filter((name) => env[name]?.includes(ENDPOINT.secret));
    assert.deepEqual(holding, ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'], 'the secret goes where the metrics go');
    connectChange('gemini-cli', '{ "telemetry": { "outfile": "", "useCollector": false } }', ENDPOINT, {
      env: { GEMINI_TELEMETRY_LOG_PROMPTS: 'false' },
    });
    connectChange('copilot', '{}', ENDPOINT, { env: { COPILOT_OTEL_LOG_LEVEL: 'debug' } });
    // A terminal of the assistant itself hands on what we set.
    connectChange('claude-code', after, ENDPOINT, { env });
  });

  it('is known where an earlier version connected it, which named the secret in a header of all exporters', () => {
    const earlier = {
      CLAUDE_CODE_ENABLE_TELEMETRY: '1',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:43187/v1/metrics',
      OTEL_EXPORTER_OTLP_HEADERS: `x-handrail-secret=${ENDPOINT.secret}`,
      OTEL_METRICS_INCLUDE_SESSION_ID: 'false',
      OTEL_METRICS_INCLUDE_ACCOUNT_UUID: 'false',
    };
    const before = JSON.stringify({ env: earlier });
    const added = ['', 'env', ...Object.keys(earlier).map((name) => `env.${name}`)];
    assert.equal(disconnectChange('claude-code', before, added).after, undefined);
    assert.deepEqual(parseJsonc(disconnectChange('claude-code', before, undefined).after ?? ''), { env: {} });
    const again = connectChange('claude-code', before, OTHER, { added, env: earlier });
    assert.doesNotMatch(again.after ?? '', /OTLP_HEADERS|43187/);
    assert.equal(disconnectChange('claude-code', again.after, again.added).after, undefined);
    // Somebody's own collector on this machine has no secret of ours.
    const own = '{ "env": { "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:4318/v1/metrics" } }';
    refused('claude-code', own);
    assert.equal(disconnectChange('claude-code', own, undefined).after, own);
  });
});

describe('settings of Codex', () => {
  it('get one table, or lines in the one that is there', () => {
    const after = connectChange('codex', 'model = "gpt-5" # mine\n', ENDPOINT).after ?? '';
    assert.ok(after.startsWith('model = "gpt-5" # mine\n\n[otel] # Handrail\n'));
    const wanted = {
      exporter: {
        'otlp-http': { endpoint: 'http://127.0.0.1:43187/v1/logs', protocol: 'json', headers: { 'x-handrail-secret': ENDPOINT.secret } },
      },
      log_user_prompt: false,
    };
    assert.deepEqual(parseToml(after), { model: 'gpt-5', otel: wanted });
    const inside = '[otel] # mine\nenvironment = "dev"\n\n[tui]\nanimations = false';
    const added = connectChange('codex', inside, ENDPOINT).after ?? '';
    assert.deepEqual(parseToml(added), { otel: { ...wanted, environment: 'dev' }, tui: { animations: false } });
    assert.equal(disconnectChange('codex', added, undefined).after, inside);
  });

  it('are as before once it is undone, to the byte', () => {
    const table = fc.dictionary(
      fc.constantFrom('model', 'a', 'tui', 'otelx', 'mcp_servers'),
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 3 })),
      {
        maxKeys: 4,
      },
    );
    fc.assert(
      fc.property(table, fc.boolean(), fc.constantFrom('', '\n', '\n\n', '# end'), (value, crlf, end) => {
        const text = `${stringify(value)}${end}`;
        const before = crlf ? text.replaceAll('\n', '\r\n') : text;
        assert.equal(
          roundTrip('codex', before) ?? '',
          before.endsWith('\n') || before === '' ? before : `${before}${crlf && before.includes('\n') ? '\r\n' : '\n'}`,
        );
      }),
    );
    assert.equal(roundTrip('codex', undefined), undefined);
  });

  it('keep what a person changed since, and follow a new secret', () => {
    const { after = '' } = connectChange('codex', '', ENDPOINT);
    const changed = after.replace('log_user_prompt = false # Handrail', 'log_user_prompt = true');
    assert.deepEqual(parseToml(disconnectChange('codex', changed, undefined).after ?? ''), { otel: { log_user_prompt: true } });
    const again = connectChange('codex', after, OTHER).after ?? '';
    assert.match(again, /50000.*ABCDEF/);
    assert.doesNotMatch(again, /43187/);
  });
});

describe('the endpoint of assistants', () => {
  it('is read back as it was stored, and as nothing else', () => {
    assert.deepEqual(parseEndpoint(formatEndpoint(ENDPOINT)), ENDPOINT);
    for (const text of [
      '',
      '{}',
      'null',
      '{"version":2,"port":43187,"secret":"abcdefghijklmnopqrstuvwxyz"}',
      '{"version":1,"port":80,"secret":"abcdefghijklmnopqrstuvwxyz"}',
      '{"version":1,"port":43187,"secret":"short"}',
    ]) {
      assert.equal(parseEndpoint(text), undefined, text);
    }
  });
});
