/** Figures of approvals, as a person reads them. */
import { durationText } from '../../lib/time.ts';

/** What users accept on the whole, as the write-up on containment has it. */
export const USUAL_RATIO = 0.93;

export function percentText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** `–` where there is none. */
export function shareText(part: number, of: number): string {
  return of === 0 ? '–' : percentText(part / of);
}

export function waitText(ms: number | undefined): string {
  return ms === undefined ? '–' : durationText(ms);
}

export function rateText(perHour: number | null): string {
  return perHour === null ? '–' : perHour.toFixed(perHour < 10 ? 1 : 0);
}
