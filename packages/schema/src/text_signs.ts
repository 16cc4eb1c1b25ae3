/** What one walk through a text sees: whether anything in it is worth reading closely. */
export interface TextSigns {
  /** It has a word that texts to assistants need. */
  anchored: boolean;
  /** It has characters that are not plain ASCII. */
  foreign: boolean;
  /** It may have entities or other escapes. */
  escaped: boolean;
  underscore: boolean;
  /** Letters that stand alone. */
  singles: number;
  /** Digits and signs right between letters. */
  mixed: number;
  /** Length of the longest run of letters and digits. */
  longest: number;
}

/**
 * Beginnings of the words that the patterns of `isSuspicious` need: five letters each, or a whole word of fewer; chosen to be
 * rare in what plugins write.
 */
const ANCHORS =
  `abaik abstr agent ai asist assis borts bo bypas chat chatb chatg claud compt concl copil dan desca desco devel
  dimen disre do don drage endof erong esque felej figye forge funct gemin glem gpt hidde human huong ignor im inst instr jailb
  ki komut langu leak llama llm llms lupak mark missa negee never ohita olvid omiso oubli overr pomin promp repor revea say
  snoit sprac stop summa sys talim tegro tell telli tool tools tpmor trasc unohd verge vergi yoner zaned zapom`
    .split(/\s+/)
    .filter((anchor) => anchor !== '');

const LETTER_BITS = 5;
/** Letters of a word that are looked at. */
const PREFIX = 5;

function codeOf(word: string): number {
  return [...word].reduce((code, sign) => (code << LETTER_BITS) | letterOf(sign.charCodeAt(0)), 0);
}

/** Small enough to stay near the processor; what is in it is looked up in the set. */
const SLOTS = 8192;
const slotOf = (code: number): number => (code ^ (code >>> 13)) & (SLOTS - 1);
const CODES: ReadonlySet<number> = new Set(ANCHORS.map(codeOf));
const slots = new Uint8Array(SLOTS);
for (const code of CODES) slots[slotOf(code)] = 1;

function isAnchor(code: number): boolean {
  return slots[slotOf(code)] === 1 && CODES.has(code);
}

/** 1 to 26, whatever the case; 0 for what is no letter. */
function letterOf(code: number): number {
  const lower = code | 32;
  return lower >= 97 && lower <= 122 && code >= 65 ? lower - 96 : 0;
}

/** Kinds of characters that are no letters, above the letters' numbers. */
const [OTHER_SIGN, DIGIT, LEET_SIGN, RUN_SIGN, FOREIGN, ESCAPE, UNDERSCORE] = [32, 33, 34, 35, 36, 37, 38];

/** For every byte of UTF-8 its letter, or its kind. */
const KINDS = new Uint8Array(256).fill(FOREIGN);
for (let code = 0; code < 127; code++) KINDS[code] = kindOf(code);

function kindOf(code: number): number {
  const sign = String.fromCharCode(code);
  if (letterOf(code) > 0) return letterOf(code);
  if (sign >= '0' && sign <= '9') return DIGIT;
  if ('@$!|'.includes(sign)) return LEET_SIGN;
  if ('+/'.includes(sign)) return RUN_SIGN;
  if ('%&\\'.includes(sign)) return ESCAPE;
  return sign === '_' ? UNDERSCORE : OTHER_SIGN;
}

const encoder = new TextEncoder();
let bytes = new Uint8Array(4096);

/**
 * Writes a text as UTF-8 to the start of {@linkcode bytes}, which are faster to walk through, with a blank behind it that ends the
 * last word.
 *
 * @returns how many there are
 */
function encode(text: string): number {
  const most = text.length * 3 + 1;
  if (bytes.length < most) bytes = new Uint8Array(most * 2);
  const { written } = encoder.encodeInto(text, bytes);
  bytes[written] = 32;
  return written + 1;
}

/** Walks through a text once, from word to word. */
export function signsOf(text: string): TextSigns {
  const length = encode(text);
  const read = bytes;
  const kinds = KINDS;
  let anchored = false;
  let foreign = false;
  let escaped = false;
  let underscore = false;
  let singles = 0;
  let mixed = 0;
  let longest = 0;
  let runStart = 0;
  for (let i = 0; i < length; i++) {
    let kind = kinds[read[i] as number] as number; // here and below: there is one for each byte
    if (kind < OTHER_SIGN) {
      const start = i;
      let code = 0;
      do {
        code = (code << LETTER_BITS) | kind;
        kind = kinds[read[++i] as number] as number;
      } while (kind < OTHER_SIGN && i < start + PREFIX);
      while (kind < OTHER_SIGN) kind = kinds[read[++i] as number] as number;
      if (isAnchor(code)) anchored = true;
      if (i - start === 1) singles++;
      if (kind === DIGIT || kind === LEET_SIGN) mixed++;
    }
    // what stands here is no letter
    if (kind === DIGIT || kind === RUN_SIGN) continue;
    if (i - runStart > longest) longest = i - runStart;
    runStart = i + 1;
    if (kind === FOREIGN) foreign = true;
    else if (kind === ESCAPE) escaped = true;
    else if (kind === UNDERSCORE) underscore = true;
  }
  return { anchored, foreign, escaped, underscore, singles, mixed, longest };
}
