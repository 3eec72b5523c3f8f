/** What goes wrong between the page and its server, before the API has said anything. */
export const PAGE_ERRORS = {
  CONNECTION_LOST: {
    message: 'The dashboard does not answer.',
    hint: 'Check that it runs (npx --no vitrine up) and that this machine still reaches it.',
  },
  TAIL_CUT: {
    message: 'The live connection was cut.',
    hint: 'It is made again by itself; nothing is missed.',
  },
  ANSWER_UNREADABLE: {
    message: 'The answer is not JSON.',
    hint: 'Reload the page; if it stays, look at the output of the dashboard.',
  },
  ALERT_UNKNOWN: {
    message: 'This leaf of the log is no alert.',
    hint: 'The link may be of another log. The list shows every alert of this one.',
  },
  PAGE_ERROR: {
    message: 'The page has a fault.',
    hint: 'Reload the page; if it stays, report what you did.',
  },
} as const;

export type PageCode = keyof typeof PAGE_ERRORS;
