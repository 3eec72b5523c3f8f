/** What this package refuses: one class, one code for each kind of reason. */
import { CodedError } from '@vitrine/schema';

/**
 * Why a rule file, a recorded stream or a snapshot is refused. A refused rule is never half
 * applied: it does not run at all.
 */
export class DetectError extends CodedError<
  | 'RULE_MALFORMED'
  | 'RULE_INVALID'
  | 'RULE_UNSUPPORTED'
  | 'RULE_DUPLICATE'
  | 'RULE_TOO_LARGE'
  | 'SNAPSHOT_INVALID'
> {}

/** The file is not what it should be: a missing member, a wrong type, an unknown name. */
export function invalid(message: string): DetectError {
  return new DetectError('RULE_INVALID', message, 'see the Sigma rules specification 2.1.0');
}

/** Valid Sigma that this engine cannot honour. */
export function unsupported(message: string): DetectError {
  const hint = 'the rule does not run; say it without this, or leave it out';
  return new DetectError('RULE_UNSUPPORTED', message, hint);
}

export function tooLarge(message: string): DetectError {
  return new DetectError('RULE_TOO_LARGE', message, 'split the rule');
}
