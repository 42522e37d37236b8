import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EndingRecording } from '../../core/telemetry/recorded.ts';
import { environmentClock, systemClock } from '../clock.ts';
import { telemetryPaths } from './paths.ts';

/**
 * What a process that ends soon records with about work in a folder, or undefined where nothing was ever turned on: then looking for the consent file is all
 * that happens, and the recorder is not even loaded.
 */
export async function openRecording(
  home: string,
  env: Readonly<Record<string, string | undefined>>,
  root: string,
): Promise<EndingRecording | undefined> {
  if (!existsSync(telemetryPaths(home).consent)) return undefined;
  const { createRecorder } = await import('./recorder.ts');
  const team = existsSync(join(root, '.handrail', 'telemetry.yml'))
    ? (await import('../team/teamFile.ts')).recordedTeamOf([root])
    : undefined;
  const usage = createRecorder({ home, env, clock: environmentClock(env), team: () => team });
  const ends: (() => void)[] = [];
  process.once('exit', () => {
    for (const end of ends) end();
    usage.close();
  });
  return { usage, clock: systemClock, atEnd: (work) => void ends.push(work) };
}
