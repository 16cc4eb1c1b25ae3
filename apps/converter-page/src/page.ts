import { fillTable, findingCells, fixCells, hostCells } from './fill_table.ts';
import type { Answer, Question, RowFilter, Summary } from './messages.ts';

const SEVERITIES = ['Info', 'Low', 'Medium', 'High', 'Critical'];
/** Formats in the order in which they are offered; a test compares them with those that there are. */
const FORMATS = {
  csv: 'CSV in the columns of Nessus',
  xlsx: 'Excel workbook',
  html: 'HTML report',
  md: 'Markdown summary',
  sarif: 'SARIF 2.1.0',
  ocsf: 'OCSF 1.3 events',
  hdf: 'Heimdall Data Format',
  ckl: 'STIG Viewer checklist',
  jsonl: 'JSON lines, every field',
};

const worker = new Worker(URL.createObjectURL(new Blob([textOf('worker')], { type: 'text/javascript' })));
worker.onmessage = ({ data }: MessageEvent<Answer>) => show(data);

const files = element('files', HTMLInputElement);
const drop = element('drop', HTMLElement);
const filters = element('filters', HTMLFormElement);
const format = element('format', HTMLSelectElement);
for (const [value, title] of Object.entries(FORMATS)) format.append(new Option(title, value));

files.addEventListener('change', () => read([...(files.files ?? [])]));
for (const name of ['dragover', 'dragleave', 'drop'])
  document.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', name === 'dragover');
    if (event instanceof DragEvent && name === 'drop') read([...(event.dataTransfer?.files ?? [])]);
  });
filters.addEventListener('submit', (event) => event.preventDefault());
filters.addEventListener('input', () => ask({ kind: 'rows', filter: filter() }));
element('save', HTMLButtonElement).addEventListener('click', () => {
  status(`Writing ${format.value}`);
  const isFiltered = element('filtered', HTMLInputElement).checked;
  ask({ kind: 'save', format: format.value, filter: isFiltered ? filter() : undefined });
});

function read(chosen: readonly File[]): void {
  if (chosen.length === 0) return;
  element('result', HTMLElement).hidden = true;
  status('Reading');
  ask({ kind: 'read', files: chosen });
}

function ask(question: Question): void {
  worker.postMessage(question);
}

function show(answer: Answer): void {
  if (answer.kind === 'progress') status(`Reading: ${Math.round(answer.share * 100)} %`);
  else if (answer.kind === 'failed') status(answer.message);
  else if (answer.kind === 'rows') showRows(answer);
  else if (answer.kind === 'saved') {
    status(`Saved ${answer.name}`);
    download(answer.blob, answer.name);
  } else {
    showSummary(answer.summary);
    ask({ kind: 'rows', filter: filter() });
  }
}

function showRows({ rows, total }: Extract<Answer, { kind: 'rows' }>): void {
  const isCut = total > rows.length ? `, the first ${rows.length} are shown` : '';
  element('matches', HTMLElement).textContent = `${total} findings${isCut}`;
  const titles = ['Severity', 'Host', 'Port', 'Name', 'CVE', 'CVSS'];
  fillTable(element('findings', HTMLTableElement), titles, rows.map(findingCells));
}

function showSummary({ title, facts, total, fixes, hosts }: Summary): void {
  status('');
  element('title', HTMLElement).textContent = title;
  element('facts', HTMLElement).textContent = facts;
  const most = Math.max(1, ...total);
  element('severities', HTMLElement).replaceChildren(
    ...[4, 3, 2, 1, 0].flatMap((severity) => severityLine(severity, total[severity] ?? 0, most)),
  );
  fillTable(
    element('fixes', HTMLTableElement),
    ['Severity', 'What to do', 'Findings', 'Hosts'],
    fixes.map(fixCells),
  );
  fillTable(
    element('hosts', HTMLTableElement),
    ['Host', 'OS', 'Critical', 'High', 'Medium', 'Low', 'Info'],
    hosts.map(hostCells),
  );
  element('result', HTMLElement).hidden = false;
}

function severityLine(severity: number, count: number, most: number): HTMLElement[] {
  const name = SEVERITIES[severity] ?? '';
  const [term, bar, number] = [
    document.createElement('dt'),
    document.createElement('dd'),
    document.createElement('dd'),
  ];
  const meter = document.createElement('meter');
  [meter.max, meter.value] = [most, count];
  meter.setAttribute('aria-label', `${name}: ${count}`);
  term.textContent = name;
  number.textContent = String(count);
  bar.append(meter);
  return [term, bar, number];
}

function filter(): RowFilter {
  return {
    severity: Number(element('severity', HTMLSelectElement).value),
    host: element('host', HTMLInputElement).value,
    text: element('text', HTMLInputElement).value,
  };
}

function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser has begun to read it by then
}

function status(text: string): void {
  element('status', HTMLElement).textContent = text;
}

function textOf(id: string): string {
  return document.getElementById(id)?.textContent ?? '';
}

function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`The page has no ${type.name} ${id}`);
}
