/** What one walk through a text sees: whether anything in it is worth reading closely. */
export interface TextSigns {
  /** It has the beginning of a word that texts to assistants need. */
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
 * Four letters each of the words that the patterns of `isSuspicious` need, a blank for what is no letter; chosen to be rare in
 * what plugins write.
 */
const ANCHORS =
  `igno,disr,forg,verr,bypa,stop,do n,don ,neve,itho,truc,trui,truk,assi,asis,prom, ai ,a i ,ngua,chat,hatb,opil,clau,gemi,llam, llm,
   gpt,tgpt,agen,tool,func,pond,nswe,conc,umma,repo,mark,say ,tell,im s,uman,jail,dan ,deve,m me,hidd,reve,ssac,verg,uber,nege,bort,
  glem,glom,prac, ki ,oubl,mpte,abst,olvi,omis,scar,dime,tras,sque,scon,zapo,pomi,zane,tali,yone,komu,bo q,huon,abai,lupa,
  ohit,unoh,figy,fele,eron,rong,drag,tegr,snoi,tpmo`
    .replaceAll('\n  ', '')
    .split(',')
    .filter((anchor) => anchor.length === 4);

const LETTER_BITS = 5;
const MASK = (1 << (4 * LETTER_BITS)) - 1;

const TAIL_MASK = (1 << (3 * LETTER_BITS)) - 1;

const CODES: ReadonlySet<number> = new Set(
  ANCHORS.map((anchor) =>
    [...anchor].reduce((code, sign) => (code << LETTER_BITS) | letterOf(sign.charCodeAt(0)), 0),
  ),
);
/** Whether three letters, five bits each, end an anchor: small enough to stay near the processor. */
const endsAnchor = new Uint8Array(TAIL_MASK + 1);
for (const code of CODES) endsAnchor[code & TAIL_MASK] = 1;

/** 1 to 26, whatever the case; 0 for what is no letter. */
function letterOf(code: number): number {
  const lower = code | 32;
  return lower >= 97 && lower <= 122 && code >= 65 ? lower - 96 : 0;
}

/** Kinds of characters that are no letters, above the letters' numbers. */
const [OTHER_SIGN, DIGIT, LEET_SIGN, RUN_SIGN, FOREIGN, ESCAPE, UNDERSCORE] = [32, 33, 34, 35, 36, 37, 38];

/** For every character its letter, or its kind. */
const KINDS = Uint8Array.from({ length: 65_536 }, (_, code) => {
  const sign = String.fromCharCode(code);
  if (letterOf(code) > 0) return letterOf(code);
  if (code > 126) return FOREIGN;
  if (sign >= '0' && sign <= '9') return DIGIT;
  if ('@$!|'.includes(sign)) return LEET_SIGN;
  if ('+/'.includes(sign)) return RUN_SIGN;
  if ('%&\\'.includes(sign)) return ESCAPE;
  return sign === '_' ? UNDERSCORE : OTHER_SIGN;
});

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
  let last4 = 0;
  let letters = 0;
  let run = 0;
  for (let i = 0; i < text.length; i++) {
    const kind = KINDS[text.charCodeAt(i)] as number; // there is one for each
    last4 = ((last4 << LETTER_BITS) | (kind < OTHER_SIGN ? kind : 0)) & MASK;
    if (endsAnchor[last4 & TAIL_MASK] === 1 && CODES.has(last4)) signs.anchored = true;
    if (kind < OTHER_SIGN) {
      letters++;
      run++;
      continue;
    }
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
  if (CODES.has((last4 << LETTER_BITS) & MASK)) signs.anchored = true; // the text ends with it
  return signs;
}
