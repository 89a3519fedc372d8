import { fortyFrom } from './forty.ts';

fortyFrom(1);
