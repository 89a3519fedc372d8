#!/usr/bin/env node
/*
 * A server such as a Redis before version 6: it answers INFO and PING, and knows neither HELLO nor most other commands.
 * Starts with the arguments of redis-server, so that it can take its place.
 */
import { createServer } from 'node:net';

const INFO = 'redis_version:5.0.14\r\n';
const port = Number(process.argv[process.argv.indexOf('--port') + 1]);

createServer((socket) => {
  let text = '';
  socket.on('error', () => {});
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
    for (;;) {
      const command = firstCommandIn(text);
      if (command === undefined) return;
      text = text.slice(command.length);
      socket.write(answerTo(command.name.toUpperCase()));
    }
  });
}).listen(port, '127.0.0.1');

/** @param {string} text */
function firstCommandIn(text) {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return undefined;
  let length = head[0].length;
  const parts = [];
  while (parts.length < Number(head[1])) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(length));
    const from = length + (size?.[0].length ?? 0);
    length = from + Number(size?.[1]) + 2;
    if (size === null || text.length < length) return undefined;
    parts.push(text.slice(from, length - 2));
  }
  return { name: parts[0] ?? '', length };
}

/** @param {string} name */
function answerTo(name) {
  if (name === 'INFO') return `$${INFO.length}\r\n${INFO}\r\n`;
  if (name === 'PING') return '+PONG\r\n';
  return `-ERR unknown command \`${name}\`, with args beginning with: \r\n`;
}
