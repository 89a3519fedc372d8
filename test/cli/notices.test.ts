import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, test } from 'vitest';

import { drover, startDrover } from '../support/drover.ts';
import { testEnvironment } from '../support/test-environment-hooks.ts';

const scene = await testEnvironment();

describe('notices', () => {
  test('a test message arrives, and so does a notice of the clock', async () => {
    const texts: string[] = [];
    const server = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => texts.push(chunk));
      request.on('end', () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/s3cret-hook`;
    const sent = await scene.drover(['notify', '--test'], { NOTIFY_URL: url });
    expect([sent.code, sent.stdout]).toEqual([0, 'Test message sent. Check that it arrived.\n']);
    expect(texts[0]).toContain('this is a test');

    const running = startDrover(['run'], {
      env: { ...scene.env, SCHEDULE: '* * * * * *', NOTIFY_URL: url, QUEUES: 'typo' },
      secrets: [...scene.secrets, 's3cret-hook'],
    });
    await expect.poll(() => texts.length).toBe(2);
    expect(texts[1]).toContain('"kind":"blind"');
    running.child.kill('SIGTERM');
    await running.ended;
    await new Promise((resolve) => server.close(resolve));
  });

  test('notify without NOTIFY_URL exits with 2', async () => {
    const { code, stderr } = await scene.drover(['notify', '--test']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('NOTIFY_URL is not set')]);
  });

  test('a failed test message does not print the address', async () => {
    const url = 'http://127.0.0.1:1/s3cret-hook';
    const ran = await drover(['notify', '--test'], {
      env: { ...scene.env, NOTIFY_URL: url },
      secrets: [url, 's3cret-hook'],
    });
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('failed to send a notification')]);
  });
});
