/** What a notice is about. */
export type NoticeKind = 'late' | 'blind' | 'refused' | 'limit' | 'manual' | 'recovered' | 'test';

export type Notice = {
  readonly kind: NoticeKind;
  /** Absent: all process types. */
  readonly processType?: string | undefined;
  /** Epoch ms. */
  readonly at: number;
  /** One or two sentences for people. */
  readonly text: string;
};

/** A problem that goes on, or has just ended. */
export type Alarm = {
  readonly since: number;
  readonly seenAt: number;
  /** Ticks in a row with it, and without it since. */
  readonly on: number;
  readonly off: number;
  readonly reported: boolean;
};

/** By what it is about, such as `blind worker`. JSON, bounded by the number of process types. */
export type Alarms = Readonly<Record<string, Alarm>>;

export const NO_ALARMS: Alarms = {};
