/**
 * Dark or light: what the person chose, kept in a cookie of this browser so that the first answer
 * already has the right colours, or else what the system asks for.
 */
export const THEME_COOKIE = 'vitrine_theme';
export type Theme = 'dark' | 'light';

export function isTheme(value: unknown): value is Theme {
  return value === 'dark' || value === 'light';
}

const YEAR_S = 31_536_000;

/** The `document.cookie` line that keeps a choice. */
export function themeCookie(theme: Theme): string {
  return `${THEME_COOKIE}=${theme}; Path=/; Max-Age=${YEAR_S}; SameSite=Strict`;
}
