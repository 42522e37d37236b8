import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Folder of the person's own data, shared by editor and command line: `$HANDRAIL_HOME`, else the platform's data directory
 * (`$XDG_DATA_HOME` or `~/.local/share` on Linux, `~/Library/Application Support` on macOS, `%LOCALAPPDATA%` on Windows). It may
 * not exist yet. Relative values of the variables are ignored, as the XDG specification asks.
 */
export function handrailHome(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const own = absolute(env['HANDRAIL_HOME']);
  if (own !== undefined) return own;
  if (platform === 'win32') return join(absolute(env['LOCALAPPDATA']) ?? join(homedir(), 'AppData', 'Local'), 'handrail');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'handrail');
  return join(absolute(env['XDG_DATA_HOME']) ?? join(homedir(), '.local', 'share'), 'handrail');
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && path !== '' && isAbsolute(path) ? path : undefined;
}
