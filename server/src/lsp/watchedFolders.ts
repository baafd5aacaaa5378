// Has the editor tell when files change in the build contexts of open Dockerfiles: each folder is asked for once, as long
// as one Dockerfile goes by it. What a change means is for the forecast.
import { pathToFileURL } from 'node:url';
import {
  type Connection,
  DidChangeWatchedFilesNotification,
  type Disposable,
} from 'vscode-languageserver/node';

interface Watched {
  followers: Set<object>;
  registration: Promise<Disposable | null>;
}

/** What the editor is set not to watch (node_modules, most often) is not told. */
export class WatchedFolders {
  /** False until the editor has said that it can watch. */
  canWatch = false;
  private readonly client: Pick<Connection['client'], 'register'>;
  private readonly folders = new Map<string, Watched>();

  constructor(client: Pick<Connection['client'], 'register'>) {
    this.client = client;
  }

  /** From now on the follower goes by this folder, an absolute path, and by no other; null for none. */
  follow(follower: object, folder: string | null): void {
    if (folder !== null && this.folders.get(folder)?.followers.has(follower)) return;
    // The new one first: files that change in between are told by one or the other.
    if (folder !== null && this.canWatch) this.add(follower, folder);
    for (const [other, { followers, registration }] of this.folders) {
      if (other === folder || !followers.delete(follower) || followers.size > 0) continue;
      this.folders.delete(other);
      void registration.then((one) => one?.dispose());
    }
  }

  private add(follower: object, folder: string): void {
    const known = this.folders.get(folder);
    if (known) {
      known.followers.add(follower);
      return;
    }
    const globPattern = { baseUri: pathToFileURL(folder).href, pattern: '**/*' };
    const registration = this.client
      .register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern }] })
      .catch(() => null);
    this.folders.set(folder, { followers: new Set([follower]), registration });
  }
}
