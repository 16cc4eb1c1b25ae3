import { AttributeError, parseAttributes } from './attributes.ts';
import { BytePositions } from './byte_positions.ts';
import { BANG, QUESTION, SLASH } from './characters.ts';
import type { TextChunk } from './decode_bytes.ts';
import { DocumentError } from './document_error.ts';
import { ElementNames } from './element_names.ts';
import { decodeText, EntityError } from './entities.ts';
import { countLines, doctypeEnd, firstQuote, quotedTagEnd, textCut, wrongStart } from './find_ends.ts';
import { MORE_TEXT, type XmlHandler, type XmlLimits } from './xml_handler.ts';

const BLANK = /^\s*$/;
/** Characters of a text, comment or CDATA section that are kept before what came is handed on. */
const PASS_LENGTH = 1_048_576;

/**
 * A push parser for XML: takes text in pieces cut anywhere, calls a handler, and keeps no more than the token that is
 * not whole yet.
 */
export class XmlTokenizer {
  readonly #handler: XmlHandler;
  readonly #maxDepth: number;
  readonly #maxTokenLength: number;
  readonly #maxNameLength: number;
  readonly #maxAttributesLength: number;
  readonly #stack: string[] = [];
  readonly #names: ElementNames;
  #buffer = '';
  /** Start of the first token that has not been handled. */
  #position = 0;
  /** Where the search for the end of that token goes on. */
  #searched = 0;
  /** Characters of that token that were handed on already. */
  #passed = 0;
  /** What ends the comment, instruction or CDATA section whose beginning was handed on. */
  #inside: string | undefined;
  /** Which byte of the document a character of the buffer was. */
  readonly #bytes = new BytePositions();
  /** Line ends before {@linkcode #counted}. */
  #linesBefore = 0;
  #counted = 0;
  #rootSeen = false;
  /** No more text will come. */
  #isLast = false;

  constructor(handler: XmlHandler, limits: XmlLimits = {}) {
    this.#handler = handler;
    this.#maxDepth = limits.maxDepth ?? 64;
    this.#maxTokenLength = limits.maxTokenLength ?? 67_108_864;
    this.#maxNameLength = limits.maxNameLength ?? 1024;
    this.#names = new ElementNames(this.#maxNameLength);
    this.#maxAttributesLength = limits.maxAttributesLength ?? 1_048_576;
  }

  /** Reads on. @returns whether the text ends within something that is not read yet @throws {DocumentError} at the first fault. */
  push(chunk: TextChunk): boolean {
    this.#countTo(this.#position);
    this.#counted = 0;
    const rest = this.#buffer.slice(this.#position);
    this.#bytes.replace(this.#position, rest.length, chunk);
    this.#buffer = rest + chunk.text;
    this.#searched = Math.max(0, this.#searched - this.#position);
    this.#position = 0;
    this.#guarded(() => this.#run());
    this.#checkLength(this.#maxTokenLength, 'A single text or tag is');
    return this.#position < this.#buffer.length;
  }

  /** Says that the document ends here. @throws {DocumentError} when it is not whole. */
  end(): void {
    this.#isLast = true;
    this.#guarded(() => this.#run());
    const rest = this.#buffer.slice(this.#position);
    if (this.#stack.length > 0) {
      const [open, inside] = [this.#stack.at(-1), `<${this.#stack.slice(-3).join('> <')}>`];
      throw this.fail(`The document ends early, inside ${inside}; expected </${open}>`, this.#buffer.length);
    }
    if (!BLANK.test(rest) || this.#inside)
      throw this.fail(this.#rootSeen ? 'Text after the root element' : 'The document is not XML');
    if (!this.#rootSeen) throw this.fail('The document has no root element');
  }

  /** An error at a place in the text at hand. */
  fail(reason: string, index: number = this.#position): DocumentError {
    return new DocumentError(reason, {
      offset: this.#bytes.at(index),
      line: this.#linesBefore + countLines(this.#buffer, this.#counted, index) + 1,
    });
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (error instanceof EntityError || error instanceof AttributeError) throw this.fail(error.message);
      throw error;
    }
  }

  #run(): void {
    while (true) {
      if (this.#inside && !this.#section(this.#inside, this.#position)) return;
      if (!this.#buffer.startsWith('<', this.#position)) {
        const lt = this.#find('<', this.#position);
        if (lt < 0) {
          this.#pass((end) => this.#text(textCut(this.#buffer, end)));
          return;
        }
        this.#text(lt);
        this.#passed = 0;
      }
      if (!this.#markup()) return;
    }
  }

  /** Looks for text, remembering how far it looked when the buffer ends. */
  #find(wanted: string, from: number): number {
    const index = this.#buffer.indexOf(wanted, Math.max(from, this.#searched));
    this.#searched = index < 0 ? Math.max(from, this.#buffer.length - wanted.length + 1) : 0;
    return index;
  }

  #text(end: number): void {
    const raw = this.#buffer.slice(this.#position, end);
    if (this.#stack.length > 0) this.#handler.text(decodeText(raw));
    else if (!BLANK.test(raw.replace(/^\ufeff/, ''))) {
      throw this.fail(
        this.#rootSeen
          ? 'Text after the root element'
          : 'The document is not XML: text before the root element',
      );
    }
    this.#position = end;
  }

  /** Handles what begins with `<` at the position; false when it is not whole yet. */
  #markup(): boolean {
    const at = this.#position;
    if (at + 1 >= this.#buffer.length) return false;
    switch (this.#buffer.charCodeAt(at + 1)) {
      case SLASH:
        return this.#closeTag();
      case QUESTION:
        return this.#section('?>', at + 2);
      case BANG:
        return this.#declaration();
      default:
        return this.#openTag();
    }
  }

  /** Hands on what is there of a long token, whose end is not, so that it is neither kept nor looked at again. */
  #pass(handOn: (end: number) => void): void {
    const before = this.#position;
    if (this.#buffer.length - before <= PASS_LENGTH) return;
    handOn(this.#buffer.length);
    this.#passed += this.#position - before;
  }

  /** Refuses a token as it comes, before it is whole. */
  #checkLength(max: number, what: string, around: number = 0): void {
    if (this.#passed + this.#buffer.length - this.#position > max + around)
      throw this.fail(`${what} longer than ${max} characters`);
  }

  /** A comment, an instruction or a CDATA section, from an index in it. */
  #section(terminator: string, from: number): boolean {
    const end = this.#find(terminator, from);
    if (end >= 0) {
      this.#sectionText(terminator, from, end);
      this.#position = end + terminator.length;
      this.#inside = undefined;
      this.#passed = 0;
      return true;
    }
    this.#pass((length) => {
      const cut = textCut(this.#buffer, length - terminator.length + 1);
      this.#sectionText(terminator, from, cut);
      this.#position = cut;
      this.#inside = terminator;
    });
    return false;
  }

  #sectionText(terminator: string, from: number, end: number): void {
    if (terminator !== ']]>') return;
    const raw = this.#buffer.slice(from, end);
    this.#handler.text(raw.includes('\r') ? raw.replaceAll(/\r\n?/g, '\n') : raw);
  }

  #closeTag(): boolean {
    const start = this.#position + 2;
    const end = this.#find('>', start);
    if (end < 0) {
      this.#checkLength(this.#maxAttributesLength, 'An end tag is');
      return false;
    }
    const name = this.#stack.at(-1);
    const isExpected =
      name !== undefined && end - start === name.length && this.#buffer.startsWith(name, start);
    if (!isExpected) {
      const found = this.#buffer.slice(start, end).trimEnd();
      if (name === undefined || found !== name) {
        throw this.fail(
          `Expected ${name === undefined ? 'the end of the document' : `</${name}>`}, found </${found.slice(0, 60)}>`,
        );
      }
    }
    this.#stack.pop();
    this.#position = end + 1;
    this.#handler.close(name);
    return true;
  }

  #countTo(index: number): void {
    if (index > this.#counted) this.#linesBefore += countLines(this.#buffer, this.#counted, index);
    this.#counted = index;
  }

  /** Lets the handler take the element at the position whole; `undefined` when that cannot be decided yet. */
  #taken(): boolean | undefined {
    const end = this.#handler.take?.(this.#buffer, this.#position) ?? -1;
    if (end === MORE_TEXT && !this.#isLast) return undefined;
    if (end < 0) return false;
    this.#countTo(this.#position);
    this.#linesBefore += this.#handler.takenLines ?? 0;
    this.#counted = end;
    this.#position = end;
    return true;
  }

  #openTag(): boolean {
    const taken = this.#stack.length > 0 && this.#taken();
    if (taken !== false) return taken === true;
    const start = this.#position + 1;
    const end = this.#tagEnd(start);
    if (end < 0) {
      const name = /^[^\s/>]*/.exec(this.#buffer.slice(start, start + 60))?.[0] ?? '';
      this.#checkLength(this.#maxAttributesLength, `The attributes of <${name}> are`, this.#maxNameLength);
      return false;
    }
    const empty = this.#buffer.charCodeAt(end - 1) === SLASH && end - 1 >= start;
    const raw = this.#buffer.slice(start, empty ? end - 1 : end);
    const blank = raw.search(/\s/);
    const name = blank < 0 ? raw : raw.slice(0, blank);
    this.#checkStart(name);
    if (raw.length - name.length > this.#maxAttributesLength) {
      throw this.fail(`The attributes of <${name}> are longer than ${this.#maxAttributesLength} characters`);
    }
    const attributes = blank < 0 ? undefined : parseAttributes(raw.slice(blank));
    this.#position = end + 1;
    this.#rootSeen = true;
    this.#handler.open(name, attributes);
    if (empty) this.#handler.close(name);
    else this.#stack.push(name);
    return true;
  }

  #checkStart(name: string): void {
    const fault = this.#names.faultOf(name);
    if (fault !== undefined) throw this.fail(fault);
    if (this.#stack.length === 0 && this.#rootSeen)
      throw this.fail(`A second root element <${name}>; a document has one`);
    if (this.#stack.length >= this.#maxDepth)
      throw this.fail(`Elements are nested more than ${this.#maxDepth} deep`);
  }

  /** Index of the `>` that ends a start tag; a `>` inside quotes does not. -1 when it is not there yet. */
  #tagEnd(start: number): number {
    const gt = this.#buffer.indexOf('>', start);
    if (gt < 0) return -1;
    const quote = firstQuote(this.#buffer, start, gt);
    return quote < 0 ? gt : quotedTagEnd(this.#buffer, quote);
  }

  #declaration(): boolean {
    const at = this.#position;
    const rest = this.#buffer.slice(at, at + 9);
    if (rest.startsWith('<!--')) return this.#section('-->', at + 4);
    if (rest === '<![CDATA[') {
      if (this.#stack.length === 0) throw this.fail('CDATA outside of the root element');
      return this.#section(']]>', at + 9);
    }
    if (rest === '<!DOCTYPE') return this.#doctype();
    const wrong = wrongStart(rest, ['<!--', '<![CDATA[', '<!DOCTYPE']);
    if (wrong === undefined) return false;
    throw this.fail(`Expected a comment, CDATA or DOCTYPE after "<!", found ${JSON.stringify(wrong)}`);
  }

  /** Steps over a DOCTYPE with its internal subset; nothing in it is used. */
  #doctype(): boolean {
    if (this.#rootSeen) throw this.fail('A DOCTYPE after the root element has begun');
    const end = doctypeEnd(this.#buffer, this.#position + 9);
    if (end < 0) {
      this.#checkLength(this.#maxAttributesLength, 'The DOCTYPE is');
      return false;
    }
    this.#position = end;
    return true;
  }
}
