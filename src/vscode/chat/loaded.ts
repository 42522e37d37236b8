/** What the registration loads with the first question or call, in one piece, so that it costs the activation one `import()`. */
export { askInChat } from './askInChat.ts';
export { followupsOf } from './followups.ts';
export { answer } from './participant.ts';
export { invokeTool, prepareTool } from './tools.ts';
