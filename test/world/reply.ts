/** What Redis answers. */
export type Reply = string | number | null | Status | ReplyError | readonly Reply[];

/** `+OK`, which a script sees as a table. */
export class Status {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An error reply, named as the client's. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
}
