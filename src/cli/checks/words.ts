import type { Access, KubernetesAccess } from '../../config/settings.ts';
import { targetText } from '../../config/target.ts';
import type { PlatformWords } from '../../core/platform.ts';
import { PLATFORM_TEXTS } from '../platforms.ts';

/** What checks call things, and the commands that their remedies name. */
export type CheckWords = PlatformWords & {
  readonly startClock: string;
  /** That show the log of the clock, and that of a process type's workers. */
  readonly clockLog: string;
  readonly workerLog: (processType: string) => string;
  readonly setToOne: (processType: string) => string;
  readonly unset: (variable: string) => string;
  /** When a worker that is stopped while it runs a job is killed. */
  readonly killedAfter: string;
};

export function checkWords(access: Access): CheckWords {
  const { words } = PLATFORM_TEXTS[access.platform];
  return access.platform === 'heroku'
    ? {
        ...words,
        startClock: 'heroku ps:scale clock=1',
        clockLog: 'heroku logs -d clock',
        workerLog: (processType) => `heroku logs -d ${processType}`,
        setToOne: (processType) => `heroku ps:scale ${processType}=1`,
        unset: (variable) => `heroku config:unset ${variable}`,
        killedAfter: '30 s',
      }
    : { ...words, ...ofKubernetes(access) };
}

function ofKubernetes({
  namespace,
  targets,
  clock,
}: KubernetesAccess): Omit<CheckWords, keyof PlatformWords> {
  const kubectl = `kubectl -n ${namespace}`;
  const ofClock = `kubectl -n ${clock.namespace}`;
  const targetOf = (processType: string): string => {
    const target = targets.get(processType);
    return target === undefined ? processType : targetText(target);
  };
  return {
    startClock: `${ofClock} scale ${clock.target} --replicas=1`,
    clockLog: `${ofClock} logs ${clock.target}`,
    workerLog: (processType) => `${kubectl} logs ${targetOf(processType)}`,
    setToOne: (processType) => `${kubectl} scale ${targetOf(processType)} --replicas=1`,
    unset: (variable) => `${ofClock} set env ${clock.target} ${variable}-`,
    killedAfter: 'their grace period',
  };
}
