// What the desktop shell does for the window besides carrying calls: dialogs, links, dropped files, clicks from outside.

import { invoke } from '@tauri-apps/api/core';
import { listen, type UnlistenFn } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { open, save } from '@tauri-apps/plugin-dialog';
import { openUrl } from '@tauri-apps/plugin-opener';
import type { Choice, WayBack } from '../pure/leaving';
import type { AttachmentRef, HandedOver, Leaving } from './types';

/** Paths of files that the user chose; empty when the dialog was left. */
export async function chooseFiles(title: string): Promise<string[]> {
  const chosen = await open({ multiple: true, directory: false, title });
  if (chosen === null) return [];
  return Array.isArray(chosen) ? chosen : [chosen];
}

/** One file that the user chose; `null` when the dialog was left. */
export async function chooseFile(title: string): Promise<string | null> {
  const chosen = await open({ multiple: false, directory: false, title });
  return typeof chosen === 'string' ? chosen : null;
}

/** Where to write a file; `null` when the dialog was left. */
export function chooseTarget(title: string, name: string): Promise<string | null> {
  return save({ title, defaultPath: name });
}

/** A folder that the user chose; `null` when the dialog was left. */
export async function chooseFolder(title: string): Promise<string | null> {
  const chosen = await open({ multiple: false, directory: true, title });
  return typeof chosen === 'string' ? chosen : null;
}

/** The octets of an attachment. */
export function attachmentOctets(file: AttachmentRef): Promise<ArrayBuffer> {
  return invoke<ArrayBuffer>('attachment_octets', { file });
}

/** Opens a copy of an attachment with the system's program for it. What could run is refused there. */
export function openAttachment(file: AttachmentRef): Promise<void> {
  return invoke('attachment_open', { file });
}

/** Prints a letter, or writes it as a PDF where a path is given; `remote`: with its images from elsewhere. */
export function printDocument(letter: number, remote: boolean, path: string | null): Promise<void> {
  return invoke('print_letter', { letter, remote, path });
}

/** Opens a link in the browser. */
export function openLink(url: string): Promise<void> {
  return openUrl(url);
}

/** What is dragged over the window. */
export type Drag = { over: boolean; dropped: string[] };

/** Tells when files are dragged over the window, and which are dropped. */
export function onDrag(tell: (drag: Drag) => void): Promise<UnlistenFn> {
  return getCurrentWebview().onDragDropEvent(({ payload }) => {
    if (payload.type === 'drop') tell({ over: false, dropped: payload.paths });
    else tell({ over: payload.type !== 'leave', dropped: [] });
  });
}

/** A link was clicked in a letter's frame. */
export function onLink(tell: (url: string) => void): Promise<UnlistenFn> {
  return listen<{ url: string }>('link', (message) => tell(message.payload.url));
}

/** A mailto: link was opened, here or elsewhere on the computer. */
export function onMailto(tell: (url: string) => void): Promise<UnlistenFn> {
  return listen<{ url: string }>('mailto', (message) => tell(message.payload.url));
}

/** What a click on a notification shows. */
export type Target = { outgoing: number } | { letter: number };

/** A notification was clicked. */
export async function onShow(tell: (target: Target) => void): Promise<UnlistenFn> {
  const ends = await Promise.all([
    listen<{ id: number }>('open-outgoing', (message) => tell({ outgoing: message.payload.id })),
    listen<{ id: number }>('open-letter', (message) => tell({ letter: message.payload.id })),
  ]);
  return () => ends.forEach((end) => end());
}

/** Events were missed: everything that is shown has to be asked for again. */
export function onStale(tell: () => void): Promise<UnlistenFn> {
  return listen('stale', () => tell());
}

/** What the shell asks before the program ends. */
export type LeavingQuestion = {
  waiting: Leaving;
  choices: Choice[];
  back: WayBack;
  /** Whether it is handed over without being asked, as the user chose before. */
  hand_over: boolean;
};

/** Somebody wants to leave while letters wait. */
export function onLeaving(ask: (question: LeavingQuestion) => void): Promise<UnlistenFn> {
  return listen<LeavingQuestion>('leaving', (message) => ask(message.payload));
}

/** Somebody wants to leave: what is being written has to be saved, and `leavingShown` called. */
export function onBeforeLeaving(save: () => void): Promise<UnlistenFn> {
  return listen('before-leaving', () => save());
}

/** Tells the shell that the page is there, so that it waits for an answer. */
export function leavingShown(): Promise<void> {
  return invoke('leaving_shown');
}

/** Nobody leaves. */
export function leavingStopped(): Promise<void> {
  return invoke('leaving_stopped');
}

/** The answer; what came of handing over is told before the end. */
export function answerLeaving(choice: Choice): Promise<HandedOver | null> {
  return invoke<HandedOver | null>('leave', { choice });
}

/** Quits, after a question where letters wait. */
export function quit(): Promise<void> {
  return invoke('quit');
}

/** Whether the program starts with the session; `null` where that cannot be set here. */
export function startsAtLogin(): Promise<boolean | null> {
  return invoke<boolean | null>('starts_at_login');
}

/** Lets it start with the session, or no more; gives what is so now. */
export function startAtLogin(on: boolean): Promise<boolean | null> {
  return invoke<boolean | null>('start_at_login', { on });
}

/** The mailto: links that came before anybody listened. */
export function waitingLinks(): Promise<string[]> {
  return invoke<string[]>('waiting');
}
