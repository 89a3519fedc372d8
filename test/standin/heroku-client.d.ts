declare module 'heroku-client' {
  /** What the tests use of a package that comes without types. */
  export default class Heroku {
    constructor(options: { host: string; token: string });
    get(path: string): Promise<unknown>;
    patch(path: string, options: { body: unknown }): Promise<unknown>;
  }
}
