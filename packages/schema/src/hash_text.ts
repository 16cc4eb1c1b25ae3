/**
 * A number of 53 bits that two different texts hardly share; the same on every machine and in every version. It guards against
 * chance, not against somebody who looks for two texts with one number. The mixing is that of MurmurHash3's last step.
 */
export function hashText(text: string): number {
  let [low, high] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 2_654_435_761);
    high = Math.imul(high ^ unit, 1_597_334_677);
  }
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & high) + (low >>> 0);
}

/** The same as 14 hexadecimal digits. */
export function hashHex(text: string): string {
  return hashText(text).toString(16).padStart(14, '0');
}
