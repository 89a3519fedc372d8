import { deliverMail } from './deliver-mail.ts';
import { forgetPictures } from './forget-pictures.ts';
import { importSubscribers } from './import-subscribers.ts';
import { makeCampaignReport } from './make-report.ts';
import { resizePicture } from './resize-picture.ts';
import { sendCampaign } from './send-campaign.ts';
import type { Task } from './task.ts';

/** Every type of task that the app knows. */
const TASKS: readonly Task[] = [
  sendCampaign,
  deliverMail,
  makeCampaignReport,
  importSubscribers,
  resizePicture,
  forgetPictures,
];

export function taskOf(name: string): Task | undefined {
  return TASKS.find((task) => task.name === name);
}
