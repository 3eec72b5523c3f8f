/** How a store is opened. */
export type StoreConfig =
  | {
      mode: 'embedded';
      /** Directory of the engine, made with mode 0700. */
      dir: string;
      /** Port on loopback; absent or 0 for any free one. */
      port?: number;
    }
  | {
      mode: 'server';
      url: string;
      /** May create and change the database `vitrine`, and read `system.processes`. */
      user: string;
      password: string;
      /** A user that may only read, for whoever is told `endpoint`; absent: the one above. */
      reader?: { user: string; password: string };
    };

export const DATABASE = 'vitrine';
