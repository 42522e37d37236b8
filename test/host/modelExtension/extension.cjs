/**
 * Two vendors of language models with scripted answers: `scripted` answers at once, `asking` makes the editor ask the person
 * first (where the host allows the proposal for it). Host tests script them through what `activate` returns, UI tests through
 * HANDRAIL_TEST_MODEL_REPLY, a reply as JSON.
 *
 * A reply: `text` in `pieces` parts; `hang` (`start` or `end`) never ends, `deaf` not even when cancelled; `fails` is thrown
 * after the text, and after `until` where there is one; `binary` sends data parts only; `charactersPerToken` is how tokens are counted, 4 when absent.
 *
 * `@caller TOOL {…}` in the editor's chat has the chat's model ask for that tool with these arguments, calls it as any participant with
 * tools does, and shows what came back.
 */
const vscode = require('vscode');

const MODEL = { id: 'careful-1', name: 'Careful One', family: 'careful', version: '1', maxInputTokens: 32_000, maxOutputTokens: 8_000 };

class ScriptedModels {
  models = [MODEL];
  reply = JSON.parse(process.env.HANDRAIL_TEST_MODEL_REPLY ?? '{ "text": "{\\"findings\\":[]}" }');
  /** What was asked, in order: `text` and whether the request was cancelled. */
  requests = [];
  #changed = new vscode.EventEmitter();
  onDidChangeLanguageModelChatInformation = this.#changed.event;

  setModels(models) {
    this.models = models;
    this.#changed.fire();
  }

  register(vendor, more) {
    return vscode.lm.registerLanguageModelChatProvider(vendor, {
      onDidChangeLanguageModelChatInformation: this.onDidChangeLanguageModelChatInformation,
      provideLanguageModelChatInformation: () => this.models.map((model) => ({ ...model, capabilities: {}, ...more })),
      provideTokenCount: async (_model, text) => this.count(textOf(text)),
      provideLanguageModelChatResponse: (model, messages, { tools = [] }, progress, token) => {
        const call = toolCall(messages, tools);
        if (call === undefined) return this.answer(model, messages, progress, token);
        progress.report(call);
      },
    });
  }

  count(text) {
    return Math.ceil(text.length / (this.reply.charactersPerToken ?? 4));
  }

  async answer(model, messages, progress, token) {
    const { text = '', pieces = 8, hang, deaf, until, fails, binary } = this.reply;
    const request = { model: model.id, text: messages.map(textOf).join('\n'), cancelled: token.isCancellationRequested };
    this.requests.push(request);
    token.onCancellationRequested(() => (request.cancelled = true));
    const given = text.length === 0 || hang === 'start' ? 0 : pieces;
    for (let piece = 0; piece < given; piece++) {
      const size = Math.ceil(text.length / given);
      progress.report(new vscode.LanguageModelTextPart(text.slice(piece * size, (piece + 1) * size)));
    }
    if (binary) progress.report(vscode.LanguageModelDataPart.image(new Uint8Array([0, 255, 1, 254]), 'image/png'));
    await until;
    if (fails) throw fails.code ? vscode.LanguageModelError[fails.code](fails.message) : new Error(fails.message);
    if (hang) await new Promise((resolve) => (deaf ? undefined : token.onCancellationRequested(resolve)));
  }
}

function textOf(message) {
  if (typeof message === 'string') return message;
  return message.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
}

/** The tool that the last message names, where the model was told of it. */
function toolCall(messages, tools) {
  const [, name, input] = /^@caller (\S+) (.*)$/s.exec(textOf(messages.at(-1))) ?? [];
  if (!tools.some((tool) => tool.name === name)) return undefined;
  return new vscode.LanguageModelToolCallPart('call-1', name, JSON.parse(input));
}

/** A participant that hands the tools of `handrail` to the chat's model, and does what the model asks for. */
async function answerCaller(request, _context, stream, token) {
  const tools = vscode.lm.tools.filter(({ name }) => name.startsWith('handrail_'));
  const question = vscode.LanguageModelChatMessage.User(`@caller ${request.prompt}`);
  const response = await request.model.sendRequest([question], { tools }, token);
  for await (const part of response.stream) {
    if (!(part instanceof vscode.LanguageModelToolCallPart)) continue;
    const { name, input } = part;
    const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: request.toolInvocationToken }, token);
    stream.markdown(`${name} said:\n\n\`\`\`\n${result.content.map(({ value }) => value).join('')}\n\`\`\`\n`);
  }
}

exports.activate = (context) => {
  const models = new ScriptedModels();
  // The editor's chat offers only models that can call tools.
  const inChat = { capabilities: { toolCalling: true } };
  context.subscriptions.push(
    models.register('scripted', inChat),
    vscode.chat.createChatParticipant('handrail-tests.caller', answerCaller),
    models.register('asking', { requiresAuthorization: { label: 'Test account' } }),
  );
  return models;
};
