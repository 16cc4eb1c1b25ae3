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

/** For every character its letter, or its kind. */
const KINDS = new Uint8Array(65_536).fill(FOREIGN);
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

/** Walks through a text once. */
export function signsOf(text: string): TextSigns {
  const signs: TextSigns = {
    anchored: false,
    foreign: false,
    escaped: false,
    underscore: false,
    singles: 0,
    mixed: 0,
    longest: 0,
  };
  let code = 0;
  let letters = 0;
  let run = 0;
  for (let i = 0; i < text.length; i++) {
    const kind = KINDS[text.charCodeAt(i)] as number; // there is one for each
    if (kind < OTHER_SIGN) {
      run++;
      if (++letters > PREFIX) continue;
      code = (code << LETTER_BITS) | kind;
      if (letters === PREFIX && isAnchor(code)) signs.anchored = true;
      continue;
    }
    if (letters > 0 && letters < PREFIX && isAnchor(code)) signs.anchored = true;
    code = 0;
    if (letters === 1) signs.singles++;
    if (letters > 0 && (kind === DIGIT || kind === LEET_SIGN)) signs.mixed++;
    letters = 0;
    if (kind === DIGIT || kind === RUN_SIGN) run++;
    else {
      if (run > signs.longest) signs.longest = run;
      run = 0;
      if (kind === FOREIGN) signs.foreign = true;
      else if (kind === ESCAPE) signs.escaped = true;
      else if (kind === UNDERSCORE) signs.underscore = true;
    }
  }
  if (run > signs.longest) signs.longest = run;
  if (letters === 1) signs.singles++;
  if (letters > 0 && letters < PREFIX && isAnchor(code)) signs.anchored = true;
  return signs;
}
