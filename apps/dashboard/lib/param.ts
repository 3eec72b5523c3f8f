/** The name of a session as it stands in a path: what cannot be decoded stays as it is. */
export async function sessionParam(params: Promise<{ session: string }>): Promise<string> {
  const { session } = await params;
  try {
    return decodeURIComponent(session);
  } catch {
    return session;
  }
}
