/** Whether the process lives, and whether it can take input. */

/** `/healthz`. */
export interface LiveAnswer {
  status: 'ok';
}

/** `/readyz`: whether the store answers; 503 while it does not. */
export interface ReadyAnswer {
  status: 'ready' | 'starting';
}
