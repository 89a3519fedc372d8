/** `late`, `blind` and `refused` need an operator now; the others inform. */
export type NoticeKind = 'late' | 'blind' | 'refused' | 'limit' | 'manual' | 'recovered' | 'test';

export type Notice = {
  readonly kind: NoticeKind;
  /** Absent: the notice concerns all process types. */
  readonly processType?: string | undefined;
  /** Epoch ms. */
  readonly at: number;
  /** One or two sentences for the operator. */
  readonly text: string;
};

/** One problem that lasts, or that ended within the last ticks. */
export type Alarm = {
  readonly since: number;
  readonly seenAt: number;
  /** Consecutive ticks with the problem, and ticks without it since. */
  readonly on: number;
  readonly off: number;
  /** Whether a notice was sent. */
  readonly reported: boolean;
};

/** By kind and process type, such as `blind worker`. JSON, bounded by the number of process types. */
export type Alarms = Readonly<Record<string, Alarm>>;

export const NO_ALARMS: Alarms = {};
