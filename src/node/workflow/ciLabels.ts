import { readFileSync } from 'node:fs';

/**
 * Labels of the pull or merge request that CI runs for; elsewhere there are none. GitHub writes them into the event file that
 * `GITHUB_EVENT_PATH` names, GitLab into `CI_MERGE_REQUEST_LABELS`, separated by commas. What cannot be read counts as none.
 */
export function labelsInCi(env: Readonly<Record<string, string | undefined>>): string[] {
  const listed = env['CI_MERGE_REQUEST_LABELS'];
  if (listed) return listed.split(',').filter((label) => label !== '');
  const eventFile = env['GITHUB_EVENT_PATH'];
  return eventFile ? labelsOfEvent(eventFile) : [];
}

function labelsOfEvent(file: string): string[] {
  try {
    const event = JSON.parse(readFileSync(file, 'utf8')) as { pull_request?: { labels?: { name?: unknown }[] } };
    return (event.pull_request?.labels ?? []).flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
  } catch {
    return [];
  }
}
