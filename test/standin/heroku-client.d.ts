declare module 'heroku-client' {
  /** The part that the tests use: the package has no types. */
  export default class Heroku {
    constructor(options: { host: string; token: string });
    get(path: string): Promise<unknown>;
    patch(path: string, options: { body: unknown }): Promise<unknown>;
  }
}
