/** URI of a scan's state, which can be subscribed to. */
export function scanUri(taskId: string): string {
  return `nessus://scans/${taskId}`;
}

/** The task of a URI that {@linkcode scanUri} or one of its parts has made; `undefined` for another. */
export function taskOfUri(uri: string): string | undefined {
  return /^nessus:\/\/scans\/([\w-]+)(?:\/summary)?$/.exec(uri)?.[1];
}
