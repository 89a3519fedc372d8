import { fortyFrom } from './forty.ts';

fortyFrom(41);
