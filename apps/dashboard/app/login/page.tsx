/** `/login`: takes the one-time code of a login link. */
import { PageBody } from '../../ui/page-header.tsx';

export default function Page() {
  return <PageBody>Sign in</PageBody>;
}
