import type { Limits } from './limits.ts';
import type { Target } from './target.ts';

export const PLATFORMS = ['heroku', 'kubernetes', 'keda'] as const;
export type PlatformName = (typeof PLATFORMS)[number];

/** What the environment says, checked and in the units of the code: all that looking at a clock's work needs. */
export type Settings = {
  readonly redis: RedisSettings;
  /** Where Drover keeps its own state; the address of `redis` unless set apart. */
  readonly state: RedisAddress;
  readonly platform: PlatformName;
  /** What is scaled, by the name that texts and Drover's own keys have: an app, or a namespace and a target. */
  readonly appName: string;
  /** At least one, each with a different name. */
  readonly processTypes: readonly ProcessTypeSettings[];
  readonly schedule: string;
  readonly timeZone: string;
  readonly mode: Mode;
  readonly http: HttpSettings;
  readonly notifyUrl: string | undefined;
  readonly logLevel: LogLevel;
  /** Whether each tick leaves a line of `sample#` figures, as Heroku's log drains read them. */
  readonly logSamples: boolean;
};

/** The settings of commands that call the platform. The others never hold a token, so that they cannot lose it. */
export type ActingSettings = Settings & { readonly access: Access };

export type Access = HerokuAccess | KubernetesAccess;

/** `shadow`: changes nothing on the platform, and keeps what it would have done. `dry-run`: writes nothing anywhere. */
export type Mode = 'act' | 'shadow' | 'dry-run';

/** Where a Redis is, and the variable that says so. */
export type RedisAddress = {
  readonly url: string;
  readonly variable: string;
  /** False: any certificate is accepted. */
  readonly tlsVerify: boolean;
};

export type RedisSettings = RedisAddress & {
  /** BullMQ's key prefix. */
  readonly prefix: string;
};

export type HerokuAccess = {
  readonly platform: 'heroku';
  readonly appName: string;
  readonly token: string;
  /** Without a slash at the end. */
  readonly apiUrl: string;
};

export type KubernetesAccess = {
  /** `keda`: KEDA sets the replicas, by what Drover publishes. */
  readonly platform: 'kubernetes' | 'keda';
  readonly namespace: string;
  /** What is scaled, by process type. */
  readonly targets: ReadonlyMap<string, Target>;
  /** The path of a kubeconfig file, or the address of the API server that a pod is given. */
  readonly cluster: { readonly kubeconfig: string } | { readonly server: string };
  /** What runs Drover itself, for the commands in remedies; outside a pod the one of deploy/kubernetes. */
  readonly clock: { readonly namespace: string; readonly target: string };
};

export type HttpSettings = {
  /** Whether `run` serves the dashboard too. */
  readonly dashboard: boolean;
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  /** Whether Heroku's router is in front, so that the last entry of X-Forwarded-For is the client. */
  readonly herokuRouter: boolean;
};

/** One process type: what it is scaled by, and how. */
export type ProcessTypeSettings = {
  readonly processType: string;
  readonly queues: readonly string[];
  readonly dynoSize: string | undefined;
  readonly min: number;
  readonly max: number;
  readonly jobsPerWorker: number;
  /** Absent: the backlog rule. */
  readonly maxWaitMs: number | undefined;
  /** Percent of a day's jobs that are to start in time; absent: 95. */
  readonly maxWaitPercent?: number | undefined;
  /** Ms by queue name, for queues with an objective of their own. */
  readonly maxWaitMsByQueue?: Readonly<Record<string, number>> | undefined;
  /** Time windows with a minimum and maximum of their own. */
  readonly limits?: Limits | undefined;
  /** Absent: learned, else 1. */
  readonly concurrency: number | undefined;
  /** Absent: learned, else 30 s. */
  readonly bootMs: number | undefined;
  readonly scaleDownDelayMs: number;
  readonly manualHoldMs: number;
  /** Absent: no bound. */
  readonly drainTimeoutMs: number | undefined;
  readonly maxStepUp: number | undefined;
  readonly maxStepDown: number | undefined;
};

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One thing wrong with the settings: everything a person needs to mend it. */
export type Problem = {
  readonly variable: string;
  /** What is wrong, a sentence without the variable's name; secrets are masked. */
  readonly message: string;
};
