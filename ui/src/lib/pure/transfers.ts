// Imports and exports in words, and the name of a file to export to.

import type { ExportFormat, ImportFolder, TransferView } from '../engine/types';
import { importing as say } from '../words/importing';

/** Whether nothing more comes of it. */
export function isOver({ state }: TransferView): boolean {
  return state.state !== 'running' && state.state !== 'waiting';
}

/** What came of it, or how far it is. */
export function transferWords(transfer: TransferView): string {
  switch (transfer.state.state) {
    case 'running':
    case 'waiting':
      return say.running(transfer.kind, transfer.done, transfer.total);
    case 'done':
    case 'failed':
      return `${outcome(transfer)}.`;
    case 'cancelled':
      return say.stopped(`${outcome(transfer)}.`);
  }
}

function outcome({ kind, done, passed_over, failed, refused }: TransferView): string {
  const through = Math.max(0, done - passed_over - failed - refused);
  const parts = [kind === 'import' ? say.brought(through) : say.written(through)];
  if (passed_over > 0) parts.push(say.passedOver(passed_over));
  if (failed > 0) parts.push(kind === 'import' ? say.unread(failed) : say.notHere(failed));
  if (refused > 0) parts.push(say.refused(refused));
  return parts.join('; ');
}

/** Which way, and from where or where to. */
export function transferName({ kind, path }: TransferView): string {
  return kind === 'import' ? say.importOf(path) : say.exportTo(path);
}

/** All together. */
export function sum(folders: ImportFolder[]): { letters: number; octets: number } {
  return folders.reduce(
    (all, { letters, octets }) => ({ letters: all.letters + letters, octets: all.octets + octets }),
    { letters: 0, octets: 0 },
  );
}

/** What a mailbox is called as a file or folder. */
export function exportName(mailbox: string, format: ExportFormat): string {
  const name = mailbox.replace(/[\p{C}/\\:*?"<>|]/gu, ' ').trim() || 'mailbox';
  return format === 'mbox' ? `${name}.mbox` : name;
}
