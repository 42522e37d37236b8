/**
 * Adds evidence records until it has added as many as asked for, or is killed, and prints the id of each once it is acknowledged.
 * Usage: node evidenceWriter.ts FOLDER RUN_KEY COUNT
 */
import { EVIDENCE_SCHEMA } from '../../src/core/workflow/evidence.ts';
import { createEvidenceStore } from '../../src/node/workflow/evidenceStore.ts';

const [folder = '', runKey = '', count = '1'] = process.argv.slice(2);
const digest = `sha256:${'0'.repeat(64)}`;
const store = createEvidenceStore({ folder, runKey });
for (let i = 0; i < Number(count); i += 1) {
  const record = await store.add({
    schema: EVIDENCE_SCHEMA,
    run: runKey,
    step: `step-${i % 3}`,
    stepDigest: digest,
    workflowDigest: digest,
    changeDigest: digest,
    actor: { kind: 'machine' },
    result: { outcome: 'done' },
    model: `process-${process.pid}-${i}`,
    previous: null,
    time: i,
  });
  process.stdout.write(`${record.id}\n`);
}
