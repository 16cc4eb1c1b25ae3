import type { Caller } from '@nmcp/access';
import type { TaskQueue } from '@nmcp/queue';
import type { ScannerRegistry } from '@nmcp/registry';
import type { ResultsReader } from '@nmcp/results';
import type { TaskStore } from '@nmcp/tasks';
import type { Clock } from '@nmcp/types';

/** What the pages are made from. */
export interface DashboardServices {
  tasks: TaskStore;
  queue: TaskQueue;
  registry: ScannerRegistry;
  results: ResultsReader;
  clock: Clock;
  /** What hosts have answered is not shown. */
  lockdown: boolean;
  /** Makes and checks the tokens of forms. */
  vault: { fingerprint(text: string): Promise<string> };
}

/** Options of `createDashboard`. */
export interface DashboardOptions extends DashboardServices {
  /**
   * Who holds a token; a refusal is the answer to show. Absent: there are no tokens, and everybody is the one local user.
   */
  identify?:
    | ((token: string | undefined, from: { address: string; url: string }) => Promise<Caller | Response>)
    | undefined;
  /** The one local user. */
  local: Caller;
}

/** What the routes know. */
export interface DashboardEnv {
  Bindings: {
    /** Where the request has come from. */
    address: string;
  };
  Variables: {
    caller: Caller;
    /** Stands in the forms of this caller. */
    formToken: string;
  };
}
