import type { PlatformWords } from '../../core/platform.ts';
import { HEROKU_PRICES } from './prices.ts';

export const HEROKU: PlatformWords = {
  name: 'Heroku',
  noun: 'dyno',
  nameVariable: 'DYNO',
  monthlyPricePerWorker: HEROKU_PRICES.dollarsAMonth,
  statusPage: 'https://status.heroku.com',
};
