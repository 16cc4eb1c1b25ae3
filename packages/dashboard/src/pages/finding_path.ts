/** The path of a plugin's findings on a host; both can be called anything in a report. */
export function findingPath(
  taskId: string,
  { host, plugin_id }: { host: string; plugin_id: string },
): string {
  return `/scans/${taskId}/hosts/${encodeURIComponent(host)}/plugins/${encodeURIComponent(plugin_id)}`;
}
