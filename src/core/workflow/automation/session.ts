/** The one run of several steps that is under way on a branch. */
export interface AutomationSession {
  /** Absolute path of the log of such runs. */
  readonly logPath: string;
  /** Adds a line to the log, with the time. Never fails: a log that cannot be written stops nobody's work. */
  note(line: string): void;
  /** Lets the next run begin. Twice is as good as once. */
  end(): Promise<void>;
}
