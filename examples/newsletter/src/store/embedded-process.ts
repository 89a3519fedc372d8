/**
 * PostgreSQL in WebAssembly behind PostgreSQL's own protocol, in a process of its own: a long query blocks the thread
 * it runs on. Tells its port to the process that forked it, and ends with that.
 */
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const MAX_CONNECTIONS = 500;

process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole terminal's group; it is for the parent to say when this ends.
process.on('SIGINT', () => {});

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections: MAX_CONNECTIONS });
await server.start();
process.send?.({ port: Number(server.getServerConn().split(':').at(-1)) });
