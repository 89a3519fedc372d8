import { expect, test } from 'vitest';

import { cleanText } from '../../../src/adapters/bullmq/clean-text.ts';
import { nearMisses } from '../../../src/adapters/bullmq/near-misses.ts';

test.each([
  { name: 'a letter lacks', wanted: 'newsleter', existing: ['newsletter', 'sms'], near: ['newsletter'] },
  { name: 'two letters swapped', wanted: 'mial', existing: ['mail'], near: ['mail'] },
  { name: 'another separator and case', wanted: 'Send-Mail', existing: ['send_mail'], near: ['send_mail'] },
  { name: 'a part of the name', wanted: 'mail', existing: ['app-mail-queue'], near: ['app-mail-queue'] },
  { name: 'nothing like it', wanted: 'invoices', existing: ['mail', 'sms'], near: [] },
  {
    name: 'the nearest three first',
    wanted: 'q1',
    existing: ['q4', 'q2', 'q3', 'q5', 'other'],
    near: ['q2', 'q3', 'q4'],
  },
  { name: 'no queue at all', wanted: 'mail', existing: [], near: [] },
])('$name', ({ wanted, existing, near }) => {
  expect(nearMisses(wanted, existing)).toEqual(near);
});

test.each([
  { name: 'a plain name', text: 'mail-größe_1', clean: 'mail-größe_1' },
  { name: 'a terminal’s escape', text: 'a\u001b[2Jb', clean: String.raw`a\u001b[2Jb` },
  { name: 'a line of its own', text: 'a\nb\r', clean: String.raw`a\u000ab\u000d` },
  { name: 'direction override', text: 'a\u202eb', clean: String.raw`a\u202eb` },
  { name: 'half a character', text: 'a\ud800', clean: String.raw`a\ud800` },
  { name: 'a million letters', text: 'x'.repeat(1_000_000), clean: `${'x'.repeat(199)}…` },
])('$name is fit to be shown', ({ text, clean }) => {
  expect(cleanText(text)).toBe(clean);
});
