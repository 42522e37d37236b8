import type { DroppedEvents } from '../../core/telemetry/observation.ts';

/** That events are lost, that nothing else is, and what to do. */
export function droppedText({ count, folder }: DroppedEvents): string {
  const events = count === 1 ? '1 event of telemetry' : `${count} events of telemetry`;
  return (
    `${events} could not be written in ${folder}; nothing else is lost. ` +
    'Look whether the disk is full, the folder read-only or the clock wrong; handrail telemetry off ends recording.'
  );
}
