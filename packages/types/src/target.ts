/** A run of addresses, first and last included, as integers. */
export interface AddressRange {
  readonly kind: 'range';
  /** As the caller wrote it. */
  readonly text: string;
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** A host name; with `address` when written as `name[address]`. */
export interface HostTarget {
  readonly kind: 'host';
  /** As the caller wrote it. */
  readonly text: string;
  /** The name in lower case, without a final dot. */
  readonly name: string;
  /** The address that the scanner shall use for the name. */
  readonly address?: AddressRange;
}

/** One entry of a target list. */
export type Target = AddressRange | HostTarget;
