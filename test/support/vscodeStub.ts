/** The few parts of the editor's API that telemetry touches, outside the editor; `seen` counts who listens. */

export const seen = { listeners: 0, allowed: true };

const listen = () => {
  seen.listeners += 1;
  return {
    dispose: () => {
      seen.listeners -= 1;
    },
  };
};

export const env = {
  get isTelemetryEnabled(): boolean {
    return seen.allowed;
  },
  onDidChangeTelemetryEnabled: listen,
};

export const workspace = {
  onDidChangeConfiguration: listen,
  onDidChangeWorkspaceFolders: listen,
  getConfiguration: () => ({ inspect: () => undefined }),
};

export class EventEmitter {
  event = listen;
  fire(): void {}
  dispose(): void {}
}
