// Routes in words.

import type { Route, RouteChoice, RoutePolicy } from '../engine/types';
import { words } from '../words';

/** A route that can be chosen, or that is shown with the reason why it cannot. */
export type RouteOption = { value: RoutePolicy; name: string; text: string; barred: boolean };

/**
 * Auto, direct, then the smart hosts; with what auto follows first where the From address has a default. `noDirect` is the
 * reason why direct is not offered for it.
 */
export function routeOptions(smartHosts: string[], usual: RoutePolicy = 'auto', noDirect?: string): RouteOption[] {
  const say = words.composer;
  const auto = usual === 'auto' ? say.autoText : say.autoUsualText(routeName(usual));
  return [
    { value: 'auto', name: say.auto, text: auto, barred: false },
    { value: 'direct', name: say.direct, text: noDirect ?? say.directText, barred: noDirect !== undefined },
    ...smartHosts.map((name) => ({ value: name, name, text: say.smartHostText, barred: false })),
  ];
}

/** A route's name in the middle of a sentence. */
export function routeName(route: Route): string {
  return route === 'direct' ? words.delivery.direct : route;
}

/** Domains whose letters go the same way for the same reason. */
export type ChoiceTogether = { domains: string[]; route: Route; reason: string };

/** What is chosen, told once where it is the same for several domains. */
export function choicesTogether(choices: RouteChoice[]): ChoiceTogether[] {
  const groups: ChoiceTogether[] = [];
  for (const { domain, route, reason } of choices) {
    const same = groups.find((group) => group.route === route && group.reason === reason);
    if (same) same.domains.push(domain);
    else groups.push({ domains: [domain], route, reason });
  }
  return groups;
}

/** Domains in a row, shortened where there are many. */
export function domainsShown(domains: string[], most = 4): string {
  if (domains.length <= most) return domains.join(', ');
  return words.names.others(domains.slice(0, most - 1).join(', '), domains.length - most + 1);
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
