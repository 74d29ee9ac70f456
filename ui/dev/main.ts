// The window in a browser, with sample letters in place of the engine. For work on its looks; never part of a build.

import { installBridge } from './bridge';

installBridge(new URLSearchParams(location.search).get('scene') ?? 'full');
await import('../src/main');
