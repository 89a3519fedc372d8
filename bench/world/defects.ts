/** A defect that was, as the change of text that brings it back. */
export type Defect = {
  /** Its number in the review that found it. */
  readonly defect: string;
  readonly what: string;
  readonly changes: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
};

export const DEFECTS: readonly Defect[] = [];
