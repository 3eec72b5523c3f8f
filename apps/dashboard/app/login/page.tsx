/** `/login`: takes the one-time code of a login link. */
import type { Metadata } from 'next';
import { LoginPage } from '../../features/login/login-page.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default function Page() {
  return <LoginPage />;
}
