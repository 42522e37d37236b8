/** What git is doing to a working tree. */
export interface Moment {
  /** Another text after the branch was switched or the head moved. */
  head: string;
  /** Milliseconds for which git has been rewriting the working tree; undefined while it is not. */
  workingFor: number | undefined;
}
