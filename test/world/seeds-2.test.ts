import { testSeedsFrom } from './test-seeds.ts';

testSeedsFrom(41);
