import * as vscode from 'vscode';
import type { ItemModel } from './stepItem.ts';

const SCHEME = 'handrail-line';

/** The next step's title stands out, what waits or is not needed steps back. Colours come from the theme. */
const COLOURS: Record<ItemModel['tone'], string | undefined> = {
  next: 'textLink.foreground',
  normal: undefined,
  quiet: 'disabledForeground',
};

/** An address that only carries the tone of a line, for {@link registerStepColours}. */
export function toneUri(item: ItemModel): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${item.id}`, query: item.tone });
}

/** Colours the lines of the *Workflow* view; the editor colours a tree's labels only through decorations. */
export function registerStepColours(): vscode.Disposable {
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration(uri) {
      if (uri.scheme !== SCHEME) return undefined;
      const colour = COLOURS[uri.query as ItemModel['tone']];
      return colour === undefined ? undefined : { color: new vscode.ThemeColor(colour) };
    },
  });
}
