import { SharedTexts, STYLES, textCell } from './cells.ts';
import { ZipWriter } from './zip_writer.ts';

/** Rows of a sheet: Excel's limit. */
const MAX_ROWS = 1_048_576;
/** Characters of a sheet's name. */
const NAME_LENGTH = 31;

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** A sheet of a workbook. */
export interface Sheet {
  name: string;
  titles: readonly string[];
  /** Widths of its columns in characters; the last one holds for the others. */
  widths: readonly number[];
}

/** Writes a workbook sheet by sheet and row by row. A sheet that is full goes on in another one. */
export class Workbook {
  /** Texts that many cells hold. */
  readonly shared: SharedTexts = new SharedTexts();
  readonly #zip = new ZipWriter();
  readonly #names: string[] = [];
  readonly #maxRows: number;
  #sheet: Sheet | undefined;
  #rows = 0;
  #parts = 0;

  constructor(maxRows: number = MAX_ROWS) {
    this.#maxRows = maxRows;
  }

  /** Begins a sheet; the one before is complete. */
  sheet(sheet: Sheet): void {
    this.#closeSheet();
    this.#sheet = sheet;
    this.#parts = 0;
    this.#openPart(sheet);
  }

  /** Adds a row of cells. */
  row(cells: string): void {
    if (this.#sheet && this.#rows >= this.#maxRows) {
      this.#closeSheet();
      this.#openPart(this.#sheet);
    }
    this.#rows++;
    this.#zip.write(`<row>${cells}</row>`);
  }

  /** What was written since the last call. */
  take(): Promise<Uint8Array[]> {
    return this.#zip.take();
  }

  /** Ends the workbook. @param order names of sheets in the order in which they are shown */
  end(order: readonly string[]): void {
    this.#closeSheet();
    const place = (name: string): number =>
      order.findIndex((first) => name === first || name.startsWith(`${first} `));
    const sheets = this.#names
      .map((name, index) => ({ name, id: index + 1 }))
      .sort((a, b) => place(a.name) - place(b.name));
    this.#part(
      'xl/workbook.xml',
      `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${sheets.map(({ name, id }) => `<sheet name="${name}" sheetId="${id}" r:id="rId${id}"/>`).join('')}</sheets></workbook>`,
    );
    const relations = sheets.map(({ id }) => relation(id, 'worksheet', `worksheets/sheet${id}.xml`));
    this.#part(
      'xl/_rels/workbook.xml.rels',
      `<Relationships xmlns="${PACKAGE}/relationships">${relations.join('')}${relation(sheets.length + 1, 'styles', 'styles.xml')}${relation(sheets.length + 2, 'sharedStrings', 'sharedStrings.xml')}</Relationships>`,
    );
    this.#part(
      '_rels/.rels',
      `<Relationships xmlns="${PACKAGE}/relationships">${relation(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    );
    this.#part('xl/styles.xml', STYLE_SHEET);
    this.#part('xl/sharedStrings.xml', `<sst xmlns="${MAIN}">`);
    for (const item of this.shared.items()) this.#zip.write(item);
    this.#zip.write('</sst>');
    const overrides = sheets.map(
      ({ id }) => `<Override PartName="/xl/worksheets/sheet${id}.xml" ContentType="${TYPES}.worksheet+xml"/>`,
    );
    this.#part(
      '[Content_Types].xml',
      `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPES}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPES}.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${TYPES}.sharedStrings+xml"/>${overrides.join('')}</Types>`,
    );
    this.#zip.end();
  }

  #part(name: string, xml: string): void {
    this.#zip.begin(name);
    this.#zip.write(HEAD + xml);
  }

  #openPart({ name, titles, widths }: Sheet): void {
    this.#parts++;
    const suffix = this.#parts === 1 ? '' : ` ${this.#parts}`;
    this.#names.push(name.slice(0, NAME_LENGTH - suffix.length) + suffix);
    this.#zip.begin(`xl/worksheets/sheet${this.#names.length}.xml`);
    const columns = titles.map((_, index) => {
      const width = widths[index] ?? widths.at(-1) ?? 12;
      return `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`;
    });
    this.#zip.write(
      `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${columns.join('')}</cols><sheetData><row>${titles.map((title) => textCell(title, STYLES.head)).join('')}</row>`,
    );
    this.#rows = 1;
  }

  #closeSheet(): void {
    if (!this.#sheet) return;
    this.#zip.write('</sheetData></worksheet>');
  }
}

function relation(id: number, type: string, target: string): string {
  return `<Relationship Id="rId${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
}

/** Formats in the order of `STYLES`: nothing, wrapped text, the same with an apostrophe in front, bold, a number with one decimal. */
const STYLE_SHEET = `<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.0##############"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf xfId="0"/><xf xfId="0" applyAlignment="1"><alignment vertical="top"/></xf><xf xfId="0" quotePrefix="1" applyAlignment="1"><alignment vertical="top"/></xf><xf xfId="0" fontId="1" applyFont="1"/><xf xfId="0" numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>`;
