/** What the tools of one turn know of each other. */
export interface TurnNotes {
  /** Whether something was started that may be about to listen. */
  startedInBackground: boolean;
}
