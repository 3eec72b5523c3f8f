/** Refusals of the dashboard's own server, in the shape of the API's errors. */
const REFUSALS = {
  HOST_UNKNOWN: {
    status: 421,
    message: 'The dashboard does not answer to this host name.',
    hint: 'Open it by its loopback address, or add the name to VITRINE_HOSTS.',
  },
  ORIGIN_FOREIGN: {
    status: 403,
    message: 'This is answered to pages of this dashboard only.',
    hint: 'Use the dashboard itself; for programs there is the API with a token.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: 'The dashboard does not pass this method on.',
    hint: 'Use the API itself, with a token.',
  },
  PATH_UNKNOWN: {
    status: 404,
    message: 'The dashboard passes nothing on to this path.',
    hint: 'Use the API itself, with a token.',
  },
  BODY_INVALID: {
    status: 400,
    message: 'The request is not what this address takes.',
    hint: 'Open a fresh link: npx --no vitrine login',
  },
  API_AWAY: {
    status: 502,
    message: 'The collector does not answer.',
    hint: 'Check that it runs: npx --no vitrine doctor; its output says why it stopped.',
  },
  API_SLOW: {
    status: 504,
    message: 'The collector took too long to answer.',
    hint: 'Try again; a narrower question is answered sooner.',
  },
} as const;

type RefusalCode = keyof typeof REFUSALS;

export function refusal(code: RefusalCode): Response {
  const { status, message, hint } = REFUSALS[code];
  return Response.json(
    { code, message, hint },
    { status, headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } },
  );
}
