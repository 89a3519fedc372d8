import { isRedisUrl, parseRedisUrl } from './redis-url.ts';

/**
 * The name that EC2 gives a machine, which is what Heroku's Key-Value Store has in its URLs, in the United States and in
 * other regions. Its certificates sign themselves. No public authority signs for such names, which are Amazon's, so
 * verifying could not succeed at any of these hosts.
 */
const HOST = /^ec2-\d{1,3}(-\d{1,3}){3}\.(compute-1|[a-z]{2}(-[a-z]+)+-\d\.compute)\.amazonaws\.com$/;

/** Whether every host of a Redis URL is named as Heroku's Key-Value Store is. */
export function isHerokuRedis(url: string): boolean {
  return isRedisUrl(url) && parseRedisUrl(url).nodes.every(({ host }) => HOST.test(host));
}
