/** A figure that was measured, a named peer of the same run where there is one, and the bar that it has to hold. */
export interface Row {
  what: string;
  value: number;
  unit: string;
  peer: string | null;
  peer_value: number | null;
  /** Of the value to the peer's. */
  ratio: number | null;
  bar: string;
  holds: boolean;
}

/** A row whose value may be at most the bar. */
export function atMost(what: string, unit: string, value: number, bar: number): Row {
  return alone(what, unit, value, `<= ${bar} ${unit}`, value <= bar);
}

/** A row whose value must be at least the bar. */
export function atLeast(what: string, unit: string, value: number, bar: number): Row {
  return alone(what, unit, value, `>= ${bar} ${unit}`, value >= bar);
}

/** A row whose ratio to a peer must be at least the bar. */
export function ratioAtLeast(
  what: string,
  unit: string,
  value: number,
  peer: string,
  peerValue: number,
  bar: number,
): Row {
  return beside(alone(what, unit, value, `>= ${bar}x`, value / peerValue >= bar), peer, peerValue);
}

/** A row whose ratio to a peer may be at most the bar. */
export function ratioAtMost(
  what: string,
  unit: string,
  value: number,
  peer: string,
  peerValue: number,
  bar: number,
): Row {
  return beside(alone(what, unit, value, `<= ${bar}x`, value / peerValue <= bar), peer, peerValue);
}

/** A row with a peer that its bar has nothing to do with. */
export function beside(row: Row, peer: string, peerValue: number): Row {
  return { ...row, peer, peer_value: peerValue, ratio: row.value / peerValue };
}

function alone(what: string, unit: string, value: number, bar: string, holds: boolean): Row {
  return { what, value, unit, peer: null, peer_value: null, ratio: null, bar, holds };
}
