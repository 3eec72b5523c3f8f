/** Tokens, and the one-time codes by which a person comes to one. Times are RFC 3339 texts. */
import type { PullStream } from './pull.ts';
import type { Role } from './role.ts';

/** A token without its secret. */
export interface TokenItem {
  id: string;
  role: Role;
  tenant: string;
  /** The streams it reads, of a token for consumers. */
  pull?: readonly PullStream[];
  note: string;
  created: string;
  /** `null` for never. */
  expires: string | null;
}

/** `/v1/tokens`. */
export interface TokensAnswer {
  items: TokenItem[];
}

/** `POST /v1/tokens`: the only time that the token itself is shown. */
export interface TokenMade extends Pick<TokenItem, 'role' | 'expires' | 'pull'> {
  token: string;
}

/** `DELETE /v1/tokens/:id`. */
export interface TokenRevoked {
  /** Its id. */
  revoked: string;
}

/** `POST /v1/login-codes`: what a login link is made of. */
export interface LoginCode {
  code: string;
  expires: string;
}

/** `POST /v1/login`. */
export interface LoginAnswer {
  token: string;
  role: Role;
  expires: string;
}

/** `POST /v1/logout`. */
export interface LogoutAnswer {
  /** Id of the token that is no more. */
  ended: string;
}
