// The state that the lines of a Dockerfile show: its image after the topmost layer. What others are compared with.
import type { StateRef } from '../../server/src/protocol';
import type { LayerServer } from './layerServer';

/** Null while no layers are known. */
export async function shownState(server: LayerServer, uri: string): Promise<StateRef | null> {
  const [top] = await server.request('strata/layers', { uri });
  return top ? { of: 'image', upTo: top.layer } : null;
}
