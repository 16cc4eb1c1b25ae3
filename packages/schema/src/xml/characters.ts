/** Characters that markup begins and ends with, and the end of a line, as code units. */
export const LINE_END = 10;
export const ZERO = 48;
export const LT = 60;
export const GT = 62;
export const SLASH = 47;
export const BANG = 33;
export const QUESTION = 63;
