#!/usr/bin/env node
import { CommanderError } from 'commander';

import { explain } from './cli/errors.ts';
import { tolerateClosedOutput } from './cli/output.ts';
import { createProgram } from './cli/program.ts';

tolerateClosedOutput();
try {
  await createProgram().parseAsync();
} catch (thrown) {
  // Commander has printed its message already.
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 2;
  else {
    const { text, exitCode } = explain(thrown);
    process.stderr.write(text);
    process.exitCode = exitCode;
  }
}
