import type { PlatformWords } from '../../core/platform.ts';

export const HEROKU: PlatformWords = {
  name: 'Heroku',
  noun: 'dyno',
  nameVariable: 'DYNO',
  statusPage: 'https://status.heroku.com',
};
