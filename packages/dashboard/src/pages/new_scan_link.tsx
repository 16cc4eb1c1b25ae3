import type { JSX } from 'hono/jsx/jsx-runtime';

/** Leads to the form for a new scan, where the caller may start one. */
export function NewScanLink({ mayScan }: { mayScan: boolean }): JSX.Element | null {
  if (!mayScan) return null;
  return (
    <p>
      <a class="button" href="/scans/new">
        New scan
      </a>
    </p>
  );
}
