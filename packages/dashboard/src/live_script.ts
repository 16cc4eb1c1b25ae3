/** Reads the live part of the page again whenever the server says that something has changed. */
export const SCRIPT: string = `'use strict';
const source = new EventSource(document.body.dataset.live);
let isReading = false;
let isStale = false;
async function read() {
  if (isReading) { isStale = true; return; }
  isReading = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const now = page.getElementById('live');
    if (!answer.ok || !now) return;
    document.getElementById('live').replaceWith(now);
    // a scan that has ended has findings now
    if (page.body.dataset.live !== document.body.dataset.live) location.reload();
  } finally {
    isReading = false;
    if (isStale) { isStale = false; read(); }
  }
}
source.addEventListener('change', read);
`;
