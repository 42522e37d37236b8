import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DroppedEvents } from '../../core/telemetry/observation.ts';
import type { EndingRecording } from '../../core/telemetry/recorded.ts';
import { environmentClock, systemClock } from '../clock.ts';
import { telemetryPaths } from './paths.ts';

/**
 * What a process that ends soon records with about work in a folder, or undefined where nothing was ever turned on: then looking for the consent file is all
 * that happens, and the recorder is not even loaded. `onDropped` hears, when the process ends, of events that could not be written.
 */
export async function openRecording(
  home: string,
  env: Readonly<Record<string, string | undefined>>,
  root: string,
  onDropped: (dropped: DroppedEvents) => void,
): Promise<EndingRecording | undefined> {
  if (!existsSync(telemetryPaths(home).consent)) return undefined;
  const { createRecorder } = await import('./recorder.ts');
  const team = existsSync(join(root, '.handrail', 'telemetry.yml'))
    ? (await import('../team/teamFile.ts')).recordedTeamOf([root])
    : undefined;
  const usage = createRecorder({ home, env, clock: environmentClock(env), team: () => team, roots: () => [root] });
  const ends: (() => void)[] = [];
  process.once('exit', () => {
    for (const end of ends) end();
    usage.close();
    if (usage.dropped > 0) onDropped({ count: usage.dropped, folder: telemetryPaths(home).folder });
  });
  return { usage, clock: systemClock, atEnd: (work) => void ends.push(work) };
}
