import { deliverMail } from './deliver-mail.ts';
import { sendCampaign } from './send-campaign.ts';
import type { Task } from './task.ts';

/** Every type of task that the app knows. */
const TASKS: readonly Task[] = [sendCampaign, deliverMail];

export function taskOf(name: string): Task | undefined {
  return TASKS.find((task) => task.name === name);
}
