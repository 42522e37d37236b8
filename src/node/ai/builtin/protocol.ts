import type { RawFinding } from '../../../core/ai/finding.ts';
import type { SecretMatch } from '../../../core/ai/provider.ts';

export interface WorkerRequest {
  id: number;
  kind: 'review' | 'secrets';
  path: string;
  text: string;
}

export interface WorkerReply {
  id: number;
  value?: RawFinding[] | SecretMatch[];
  error?: string;
}
