// What one does with a report besides reading it.

import { call } from '../engine/call';
import { chooseTarget } from '../engine/shell';
import type { OutgoingView, ReportView } from '../engine/types';
import { reportedAddress } from '../pure/reports';
import { words } from '../words';
import { composer } from './composer.svelte';
import { desk } from './desk.svelte';
import { attempt, notices } from './notices.svelte';

/** Asks where to, and saves it there. */
export async function saveReport(report: ReportView, view: OutgoingView): Promise<void> {
  const say = words.delivery.reports;
  await attempt(async () => {
    const path = await chooseTarget(say.saveTitle, say.fileName(reportedAddress(report, view)));
    if (path === null) return;
    await call('report_save', { report: report.id, path });
    notices.say(say.saved);
  });
}

/** Begins a letter that passes it on. */
export async function forwardReport(report: ReportView): Promise<void> {
  await attempt(async () => {
    await composer.open(await call('report_forward', { report: report.id }), true);
    desk.inFront = true;
  });
}
