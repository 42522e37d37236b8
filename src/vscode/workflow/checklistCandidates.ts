import * as vscode from 'vscode';

export interface ChecklistCandidate {
  /** Relative to the folder, with `/`. */
  path: string;
  boxes: number;
  ticked: number;
}

/** Where teams keep checklists, in the order in which they are offered. GitHub and GitLab look in these places. */
const PLACES = ['.github/', '', 'docs/'].flatMap((directory) => [
  `${directory}{pull_request_template,PULL_REQUEST_TEMPLATE}.{md,txt}`,
  `${directory}{pull_request_template,PULL_REQUEST_TEMPLATE}/*.md`,
  `${directory}{CONTRIBUTING,contributing}.md`,
  `${directory}{TODO,todo,TASKS,tasks,CHECKLIST,checklist}.md`,
]);

/** Larger files are no checklists. Bytes. */
const LARGEST = 1_000_000;

const BOX = /^\s*(?:[-*+]|\d+[.)])\s+\[([^\]]?)\]\s/gm;

/** Files of the folder that hold task lists, with a count of their boxes for the list to pick from. */
export async function findChecklists(folder: vscode.WorkspaceFolder): Promise<ChecklistCandidate[]> {
  const found = new Map<string, ChecklistCandidate>();
  for (const place of PLACES) {
    const uris = await vscode.workspace.findFiles(new vscode.RelativePattern(folder, place), null, 20);
    for (const uri of uris.sort((a, b) => (a.path < b.path ? -1 : 1))) {
      const candidate = await countBoxes(uri);
      if (candidate.boxes > 0) found.set(candidate.path, candidate);
    }
  }
  return [...found.values()];
}

async function countBoxes(uri: vscode.Uri): Promise<ChecklistCandidate> {
  const path = vscode.workspace.asRelativePath(uri, false);
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > LARGEST) return { path, boxes: 0, ticked: 0 };
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  const boxes = [...text.matchAll(BOX)];
  return { path, boxes: boxes.length, ticked: boxes.filter((box) => box[1] === 'x' || box[1] === 'X').length };
}
