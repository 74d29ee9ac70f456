// The transcript of one attempt, asked for when it is unfolded.

import { asFailure, call } from '../engine/call';
import type { AttemptId } from '../engine/types';
import { words } from '../words';

/** What was said on the wire, once it is wanted. */
export class Transcripts {
  text = $state(words.common.loading);

  async fetch(attempt: AttemptId): Promise<void> {
    try {
      const { text } = await call('attempt_transcript', { attempt });
      this.text = text === '' ? words.delivery.noTranscript : text;
    } catch (error) {
      this.text = asFailure(error).message;
    }
  }
}
