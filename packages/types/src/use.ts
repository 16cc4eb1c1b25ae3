/** What a caller has used in a minute, and has open. */
export interface Use {
  /** Cost of what was done. */
  spent: number;
  /** Calls in progress. */
  calls: number;
  /** Open streams. */
  streams: number;
}

/** An account of what callers use, over all servers of a deployment. */
export interface SharedUse {
  /**
   * Says what a caller has used on one server, and returns what he has used on the others. Of what a server said, the cost is
   * forgotten a minute later, and what is open after fifteen seconds.
   */
  exchange(caller: string, server: string, own: Use): Promise<Use>;
}
