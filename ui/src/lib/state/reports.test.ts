import { mockIPC } from '@tauri-apps/api/mocks';
import { beforeEach, expect, it, vi } from 'vitest';
import { delivery } from '../../../test/samples';
import type { OutgoingView, ReportOpened } from '../engine/types';
import { reader } from './reader.svelte';

const view = { outgoing: { id: 1, deliveries: [delivery('failed')] }, attempts: [], reports: [] };
const opened = (id: number) => ({ report: { id }, source: '' }) as unknown as ReportOpened;
let slow: Promise<void> | null = null;

beforeEach(async () => {
  slow = null;
  mockIPC(async (_, payload) => {
    const { name, args } = payload as { name: string; args: { report: number } };
    if (name === 'report_show' && slow) await slow;
    return name === 'report_show' ? opened(args.report) : (view as unknown as OutgoingView);
  });
  reader.close();
  reader.showOutgoing(1);
  await vi.waitFor(() => expect(reader.outgoing).not.toBe(null));
});

it('a report takes the place of the letter until one goes back', async () => {
  await reader.showReport(7);
  expect(reader.report?.report.id).toBe(7);
  expect(reader.closeReport()).toBe(true);
  expect([reader.report, reader.closeReport()]).toEqual([null, false]);
});

it('a report is gone when another letter is opened, also one that comes late', async () => {
  await reader.showReport(7);
  reader.showOutgoing(2);
  expect(reader.report).toBe(null);
  let come = () => {};
  slow = new Promise((resolve) => (come = resolve));
  const late = reader.showReport(8);
  reader.showOutgoing(1);
  come();
  await late;
  expect(reader.report).toBe(null);
});
