/**
 * A verdict as one printable page for an auditor's papers. The same subject gives the same bytes;
 * the page runs nothing, asks for nothing, and needs no other file.
 */
import { createHash } from 'node:crypto';
import { contents, losses, redactions } from './contents.ts';
import { bare, html, Markup, quoted } from './html.ts';
import { logStatement, trustedKeys, verifiedFile } from './inputs.ts';
import { exactTime, facts, shortSection, time } from './parts.ts';
import { failureBox, notProven, proven, stepTable, verdictBox, warnings } from './steps.ts';
import { pageStyle } from './style.ts';
import { type Subject, sha256Hex } from './subject.ts';

export function reportPage(subject: Subject): string {
  const { verdict, bundle, now } = subject;
  const style = pageStyle(`SHA-256 of the file  ${sha256Hex(bundle.bytes)}`);
  // Nothing is allowed but this very style.
  const styleHash = createHash('sha256').update(style).digest('base64');
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const title = `${verdict.verdict} (${verdict.code}): ${bundle.name}`;
  const body = [
    verdictBox(verdict),
    failureBox(verdict),
    verifiedFile(subject),
    trustedKeys(subject),
    logStatement(subject),
    proven(subject),
    notProven(subject),
    warnings(subject),
    stepTable(subject),
    contents(subject),
    losses(subject),
    redactions(subject),
    again(subject),
  ];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${bare(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="vitrine ${bare(subject.version)}">
<title>${bare(title)}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header>
<p class="kicker">Vitrine · report of a verification</p>
<h1>${quoted(bundle.name)}</h1>
<p class="note">Report made ${time(now.ns)} UTC by vitrine ${subject.version}</p>
</header>
<main>
${body}</main>
<footer>
<p>Made by vitrine ${subject.version} from the files named here, without a network.</p>
<div class="hands"><p>Name</p><p>Date</p><p>Signature</p></div>
</footer>
</body>
</html>
`;
  return page.source;
}

const ONE_LINE = 'With the same files, this line gives the same verdict.';
const EITHER_LINE =
  'With the same files, either line gives the same verdict. The second needs nothing but Node ' +
  'and the verifier in one file.';

function again({ now, repeat, version }: Subject): Markup {
  const source = now.given ? 'given with --now' : 'the clock of the machine';
  return shortSection(
    'To repeat it',
    facts([
      ['Verifier', `vitrine ${version}, bundles of format vitrine-bundle/1`],
      ['Time judged by', html`${exactTime(now.ns)}, ${source}`],
    ]),
    html`<p>${repeat.length > 1 ? EITHER_LINE : ONE_LINE}</p>
<pre><code>${repeat.join('\n\n')}</code></pre>
`,
  );
}
