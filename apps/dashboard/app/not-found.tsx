/** Any address the dashboard does not have. */
import { paths } from '../lib/paths.ts';
import { ButtonLink } from '../ui/button.tsx';
import { PageBody, PageHeader } from '../ui/page-header.tsx';

export default function NotFound() {
  return (
    <PageBody>
      <PageHeader
        title="There is no such page"
        description="The address may be cut, or of another version."
      />
      <ButtonLink href={paths.sessions()}>Go to the sessions</ButtonLink>
    </PageBody>
  );
}
