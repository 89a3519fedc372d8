import { HEROKU } from '../adapters/heroku/platform.ts';
import { HEROKU_PRICES } from '../adapters/heroku/prices.ts';
import { KEDA, KUBERNETES } from '../adapters/kubernetes/platform.ts';
import type { PlatformName } from '../config/settings.ts';
import type { PlatformWords } from '../core/platform.ts';
import type { Prices } from '../journal/prices.ts';
import type { StatusContext } from '../journal/status.ts';

/** What texts need to know of a platform. Without prices, costs are left out. */
export type PlatformTexts = { readonly words: PlatformWords; readonly prices?: Prices };

export const PLATFORM_TEXTS: Readonly<Record<PlatformName, PlatformTexts>> = {
  heroku: { words: HEROKU, prices: HEROKU_PRICES },
  kubernetes: { words: KUBERNETES },
  keda: { words: KEDA },
};

/** The same, as the status takes it. */
export function statusTexts(platform: PlatformName): Pick<StatusContext, 'noun' | 'platform' | 'prices'> {
  const { words, prices } = PLATFORM_TEXTS[platform];
  return { noun: words.noun, platform: words.name, prices };
}
