import type { LockUpdate } from '../../node/workflow/shared/sharedWorkflows.ts';
import type { Paint } from './status.ts';

const SHOWN = 12;

/** What became of the lock, one line a change, for people. */
export function lockLines({ written, changes, fetched }: LockUpdate, paint: Paint): string[] {
  const moved = changes.filter(({ from, to }) => from !== null && to !== null);
  return [
    ...(written === null ? [] : [`${paint('green', 'written')}  ${written}`]),
    ...changes.map(({ source, from, to }) => {
      if (to === null) return `${paint('dim', 'dropped')}  ${source}`;
      if (from === null) return `${paint('green', 'locked')}   ${source}  ${to.slice(0, SHOWN)}`;
      return `${paint('yellow', 'moved')}    ${source}  ${from.slice(0, SHOWN)} → ${to.slice(0, SHOWN)}`;
    }),
    ...(written === null ? fetched.map((source) => `${paint('green', 'fetched')}  ${source}`) : []),
    ...(moved.length === 0 ? [] : ['Look at what changed there before you commit the lock.']),
    ...(written === null && fetched.length === 0 ? ['Nothing had to be fetched.'] : []),
  ];
}
