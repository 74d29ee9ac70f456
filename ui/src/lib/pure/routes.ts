// Routes in words.

import type { Route, RouteChoice, RoutePolicy } from '../engine/types';
import { words } from '../words';

/** A route that can be chosen. */
export type RouteOption = { value: RoutePolicy; name: string; text: string };

/** Auto, direct, then the smart hosts; with what auto follows first where the From address has a default. */
export function routeOptions(smartHosts: string[], usual: RoutePolicy = 'auto'): RouteOption[] {
  const say = words.composer;
  const auto = usual === 'auto' ? say.autoText : say.autoUsualText(routeName(usual));
  return [
    { value: 'auto', name: say.auto, text: auto },
    { value: 'direct', name: say.direct, text: say.directText },
    ...smartHosts.map((name) => ({ value: name, name, text: say.smartHostText })),
  ];
}

/** A route's name in the middle of a sentence. */
export function routeName(route: Route): string {
  return route === 'direct' ? words.delivery.direct : route;
}

/** A route as the end of a sentence: "direct", "through post.example", "as Auto decides". */
export function routeWay(route: RoutePolicy): string {
  const ways = words.composer.ways;
  if (route === 'auto') return ways.auto;
  return route === 'direct' ? ways.direct : ways.through(route);
}

/** What the route control says: "Direct", a smart host, or "Auto · direct" with what auto would choose. */
export function routeShown(route: RoutePolicy, choices: RouteChoice[]): string {
  const say = words.composer;
  if (route === 'direct') return say.direct;
  if (route !== 'auto') return route;
  const chosen = [...new Set(choices.map((choice) => routeName(choice.route)))];
  return chosen.length === 0 ? say.auto : `${say.auto} · ${chosen.join(', ')}`;
}
