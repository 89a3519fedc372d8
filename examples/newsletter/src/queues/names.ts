/**
 * `high`: mail that people wait for. `default`: everything else that should be done soon. `low`: imports and checks,
 * which may wait and are no reason for more dynos, so Drover's QUEUES leaves it out.
 */
export const QUEUES = ['high', 'default', 'low'] as const;

export type QueueName = (typeof QUEUES)[number];

export const SCALED_QUEUES = ['high', 'default'] as const satisfies readonly QueueName[];
