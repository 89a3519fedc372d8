/** What is worth waking somebody, or telling them when they look next. */
export type NoticeKind = 'late' | 'blind' | 'refused' | 'limit' | 'manual' | 'recovered' | 'test';

export type Notice = {
  readonly kind: NoticeKind;
  /** Absent: it is about all of them. */
  readonly processType?: string | undefined;
  /** Epoch ms. */
  readonly at: number;
  /** One or two sentences for a person. */
  readonly text: string;
};

/** One trouble that is there, or was a moment ago. */
export type Alarm = {
  readonly since: number;
  readonly seenAt: number;
  /** Ticks in a row with it, and without it since. */
  readonly on: number;
  readonly off: number;
  readonly told: boolean;
};

/** By what it is about, such as `blind worker`. JSON, bounded by the number of process types. */
export type Alarms = Readonly<Record<string, Alarm>>;

export const NO_ALARMS: Alarms = {};
