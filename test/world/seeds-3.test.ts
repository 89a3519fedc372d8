import { hundredFrom } from './hundred.ts';

hundredFrom(201);
