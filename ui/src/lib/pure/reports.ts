// Reports in words.

import type { OutgoingView, ReportView } from '../engine/types';
import { words } from '../words';
import { dateAndTime } from './dates';

/** Whom a report is about. */
export function reportedAddress({ delivery }: ReportView, { outgoing }: OutgoingView): string {
  return outgoing.deliveries.find(({ id }) => id === delivery)?.address ?? '';
}

/** What a report says about whom, and when. */
export function reportAbout(report: ReportView, view: OutgoingView, now: Date): string {
  const say = words.delivery.reports;
  return say.about(
    say.kinds[report.kind],
    reportedAddress(report, view),
    dateAndTime(new Date(report.created_at), now),
  );
}
