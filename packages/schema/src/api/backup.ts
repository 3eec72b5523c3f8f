/** What a backup is made of, and that one was made. */

/** `GET /v1/backup`; of a system that is stopped, the same from its files. */
export interface BackupSubject {
  log: string;
  origin: string;
  tenant: string;
  /** The newest published checkpoint. */
  note: string;
  /** Text of the trust file. */
  trust: string;
}

/** `POST /v1/backup`: leaves that a verified backup holds. */
export interface BackupHeld {
  held: number;
}
