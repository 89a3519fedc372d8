import type { ChildProcess } from 'node:child_process';

/** Signals every process of a child that was started as a process group; otherwise only the child. */
export function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (!signalGroup(child, name)) child.kill(name);
}

/** False if there is no such group: the process was not started `detached`, or has ended. */
export function signalGroup(child: ChildProcess, name: NodeJS.Signals): boolean {
  if (child.pid === undefined) return false;
  try {
    process.kill(-child.pid, name);
    return true;
  } catch {
    return false;
  }
}
