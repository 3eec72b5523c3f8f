/**
 * A receiver that takes only what is signed with its secret, counts who connects, and answers what
 * is rightly signed as a test tells it.
 */
import { Webhook } from 'standardwebhooks';
import { type Answer, type Posted, PostServer } from '../path/receiver.ts';

interface Hooked {
  id: string;
  subject: string;
  isTest: boolean;
  status: number;
}

export class CheckingHook extends PostServer {
  readonly arrived: Hooked[] = [];
  /** Of what is rightly signed. */
  status = 200;
  readonly #webhook: Webhook;

  constructor(secret: string) {
    super();
    this.#webhook = new Webhook(secret);
  }

  /** What it took about a session, in order. */
  taken(subject: string): Hooked[] {
    return this.arrived.filter((one) => one.subject === subject && one.status === 200);
  }

  protected answerTo(posted: Posted): Answer {
    const status = this.#isSigned(posted) ? this.status : 401;
    const { data } = JSON.parse(posted.body.toString('utf8')) as { data: Record<string, unknown> };
    const { id, subject } = data;
    const isTest = data.test === true;
    this.arrived.push({ id: String(id), subject: String(subject), isTest, status });
    return { status, body: status === 200 ? '' : 'the hook will not have it' };
  }

  #isSigned({ headers, body }: Posted): boolean {
    try {
      return Boolean(this.#webhook.verify(body, headers as Record<string, string>));
    } catch {
      return false;
    }
  }
}
