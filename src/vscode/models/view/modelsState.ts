import type { ModelsStatus } from '../../../core/ai/models/modelStatus.ts';

/** What the *Models* view shows. Its `kind`, with `empty` for no model at all, is the context key `handrail.modelsState`. */
export type ModelsState =
  | { kind: 'no-folder' }
  /** Models of a repository that is not trusted are not even looked at. */
  | { kind: 'untrusted' }
  | { kind: 'failed'; message: string; hint?: string; isFile: boolean }
  | {
      kind: 'models';
      status: ModelsStatus;
      /** Name of the folder, where there are several. */
      folder?: string;
      /** Names of models that are being tested. */
      testing: ReadonlySet<string>;
      /** Origins that the person does not want code to go to. */
      declined(origin: string): boolean;
    };
