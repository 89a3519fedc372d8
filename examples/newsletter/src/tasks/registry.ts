import { deliverMail } from './deliver-mail.ts';
import { makeCampaignReport } from './make-report.ts';
import { sendCampaign } from './send-campaign.ts';
import type { Task } from './task.ts';

/** Every type of task that the app knows. */
const TASKS: readonly Task[] = [sendCampaign, deliverMail, makeCampaignReport];

export function taskOf(name: string): Task | undefined {
  return TASKS.find((task) => task.name === name);
}
