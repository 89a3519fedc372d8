import { hundredFrom } from './hundred.ts';

hundredFrom(101);
