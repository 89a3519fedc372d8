import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

import { describe, expect, test } from 'vitest';

import { createLogger } from '../../src/cli/log.ts';

/** What a log of two lines looks like on a stream. */
async function logged(isTTY: boolean): Promise<string[]> {
  const stream = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;
  const logger = await createLogger(stream, 'info', ['s3cret']);
  logger.info({ processType: 'worker' }, 'set to 4, as s3cret says');
  logger.warn({ code: 'REDIS_AUTH' }, 'refused');
  logger.debug('not at this level');
  return String(stream.read()).trimEnd().split('\n');
}

describe('the log', () => {
  test('strikes out a secret that JSON has to escape', async () => {
    const secret = String.raw`pass"wo\rd`;
    const stream = Object.assign(new PassThrough(), { isTTY: false }) as unknown as NodeJS.WriteStream;
    const logger = await createLogger(stream, 'info', [secret]);
    logger.info({ url: `redis://:${encodeURIComponent(secret)}@h` }, `refused ${secret}`);
    expect(JSON.parse(String(stream.read()))).toMatchObject({ msg: 'refused ***', url: 'redis://:***@h' });
  });

  test('is pretty on a terminal: the time, the level and the message, without secrets', async () => {
    const lines = (await logged(true)).map((line) => stripVTControlCharacters(line));
    expect(lines).toEqual([
      expect.stringMatching(/^\[\d\d:\d\d:\d\d\] INFO: set to 4, as \*\*\* says$/),
      expect.stringMatching(/^\[\d\d:\d\d:\d\d\] WARN: refused$/),
    ]);
  });

  test('is a JSON object a line anywhere else, with the fields, without secrets', async () => {
    const lines = (await logged(false)).map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.any(String) as string,
        processType: 'worker',
        msg: 'set to 4, as *** says',
      },
      { level: 'warn', time: expect.any(String) as string, code: 'REDIS_AUTH', msg: 'refused' },
    ]);
  });
});
