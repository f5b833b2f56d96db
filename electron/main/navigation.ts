import type { App, Event, WebContents } from 'electron';
import type { LogPort } from '../core/ports/log.ts';
import { isWindowAddress } from './window-address.ts';

/** A page may go nowhere but to itself (reload); no frame, no pop-up, no web view, no outside program. */
export function mayNavigate(address: string, isMainFrame: boolean): boolean {
  return isMainFrame && isWindowAddress(address);
}

/** Lays the rules on every page of the app, also on those made later. */
export function guardNavigation(app: Pick<App, 'on'>, log: LogPort): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents, log));
}

function guardContents(contents: WebContents, log: LogPort): void {
  const guard = ({
    url,
    isMainFrame,
    preventDefault,
  }: Pick<Event, 'preventDefault'> & NavigationDetails): void => {
    if (mayNavigate(url, isMainFrame)) return;
    preventDefault();
    log.write('warning', 'navigation', 'refused', { to: schemeOf(url) });
  };
  contents.on('will-navigate', (event) => guard(bound(event)));
  contents.on('will-redirect', (event) => guard(bound(event)));
  contents.on('will-frame-navigate', (event) => guard(bound(event)));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    log.write('warning', 'navigation', 'pop-up refused', { to: schemeOf(url) });
    return { action: 'deny' };
  });
}

interface NavigationDetails {
  url: string;
  isMainFrame: boolean;
}

const bound = (event: Event & NavigationDetails): Pick<Event, 'preventDefault'> & NavigationDetails => ({
  url: event.url,
  isMainFrame: event.isMainFrame,
  preventDefault: () => event.preventDefault(),
});

/** The log needs no more of a foreign address than its kind. */
const schemeOf = (address: string): string => (URL.canParse(address) ? new URL(address).protocol : 'invalid');
