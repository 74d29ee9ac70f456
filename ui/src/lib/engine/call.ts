// The only way to the engine. An answer comes back typed, or a `CallFailed` that carries what a person can do.

import { convertFileSrc, invoke } from '@tauri-apps/api/core';
import { listen, type UnlistenFn } from '@tauri-apps/api/event';
import { asSentence } from '../pure/headline';
import type { CallError, Calls, Event } from './types';

/** An error of the engine: what happened, and what to do about it. */
export class CallFailed extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(error: CallError) {
    super(asSentence(error.message));
    this.name = 'CallFailed';
    this.code = error.code;
    this.hint = error.hint;
  }
}

/** Asks the engine. */
export async function call<N extends keyof Calls>(name: N, args: Calls[N]['args']): Promise<Calls[N]['answer']> {
  try {
    return await invoke<Calls[N]['answer']>('call', { name, args });
  } catch (error) {
    throw asFailure(error);
  }
}

/** Whatever was thrown, in the one shape that is shown. */
export function asFailure(error: unknown): CallFailed {
  if (error instanceof CallFailed) return error;
  if (isCallError(error)) return new CallFailed(error);
  const message = error instanceof Error ? error.message : String(error);
  return new CallFailed({ code: 'internal', message, hint: '' });
}

function isCallError(value: unknown): value is CallError {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value && 'hint' in value;
}

/** Hears the engine's events until the returned function is called. */
export function onEvent(hear: (event: Event) => void): Promise<UnlistenFn> {
  return listen<Event>('engine', (message) => hear(message.payload));
}

/**
 * How a letter's document is wanted: with its remote images, with its colours turned for a dark window, with what this
 * query finds marked.
 */
export type DocumentWish = { remote: boolean; dark: boolean; find?: string | null };

/** The address of a letter's document for its frame. The path keeps its slashes; only the scheme is the platform's. */
export function documentUrl(path: string, { remote, dark, find }: DocumentWish): string {
  const query = [remote && 'remote=1', dark && 'dark=1', find && `find=${encodeURIComponent(find)}`]
    .filter(Boolean)
    .join('&');
  return convertFileSrc('', 'letter') + path + (query === '' ? '' : `?${query}`);
}
