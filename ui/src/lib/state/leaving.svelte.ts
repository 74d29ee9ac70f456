// The program is about to end while letters wait: what the shell asks, and what is answered.

import { tick } from 'svelte';
import { asFailure, call, type CallFailed } from '../engine/call';
import { answerLeaving, leavingShown, leavingStopped, type LeavingQuestion } from '../engine/shell';
import type { HandedOver } from '../engine/types';
import type { Choice } from '../pure/leaving';
import { notices } from './notices.svelte';

const READ = 2500;

/** How far it is. */
export type LeavingStage = 'asking' | 'handing-over' | 'told';

export class LeavingState {
  question = $state.raw<LeavingQuestion | null>(null);
  stage = $state<LeavingStage>('asking');
  /** Whether the choice is kept. */
  remember = $state(false);
  told = $state.raw<HandedOver | null>(null);
  failure = $state.raw<CallFailed | null>(null);

  /** The shell asks. It is told that the question is seen, or it would leave without an answer. */
  async ask(question: LeavingQuestion): Promise<void> {
    this.question = question;
    this.stage = 'asking';
    this.remember = false;
    this.told = this.failure = null;
    await tick();
    await leavingShown();
    if (question.hand_over) await this.choose('hand-over');
  }

  /** Nobody leaves. While something is being handed over, that goes on. */
  async stop(): Promise<void> {
    this.question = null;
    await leavingStopped();
  }

  async choose(choice: Choice): Promise<void> {
    if (this.remember) await this.#keep(choice);
    if (choice === 'hand-over') return this.question ? this.#handOver(this.question) : undefined;
    this.question = null;
    await answerLeaving(choice);
  }

  /** What came of it is told to whoever asked for it: a question that came meanwhile has an answer of its own. */
  async #handOver(question: LeavingQuestion): Promise<void> {
    this.stage = 'handing-over';
    const [told, failure] = await handedOver();
    if (this.question !== question) return;
    this.told = told;
    this.failure = failure;
    this.stage = 'told';
    if (told?.left.length !== 0) return;
    setTimeout(() => void (this.question === question && answerLeaving('quit')), READ);
  }

  async #keep(choice: Choice): Promise<void> {
    try {
      await call('setting_set', { key: 'window.on_closing', value: choice });
    } catch (error) {
      notices.fail(error);
    }
  }
}

async function handedOver(): Promise<[HandedOver | null, CallFailed | null]> {
  try {
    return [await answerLeaving('hand-over'), null];
  } catch (error) {
    return [null, asFailure(error)];
  }
}

export const leaving = new LeavingState();
