// Rows of the Dockerfile in front, for a view that may still show another's: VS Code keeps the old rows until new ones come,
// and they would stand below the new one's name. Decides how long that may be; loads nothing.

/** Most answers are there by then, and nothing flickers. */
const patienceMs = 150;

export class FirstRows<Row> {
  /** The Dockerfile whose rows the view shows. */
  private shown: string | null = null;
  private readonly changed: () => void;

  /** @param changed asks the view to ask again */
  constructor(changed: () => void) {
    this.changed = changed;
  }

  /** The rows; none for now when they take long and the view shows those of another Dockerfile. */
  async of(uri: string | null, current: () => string | null, loaded: Promise<Row[]>): Promise<Row[]> {
    if (uri === this.shown) return loaded;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), patienceMs);
    });
    const rows = await Promise.race([loaded, late]).finally(() => clearTimeout(timer));
    if (rows) {
      this.shown = uri;
      return rows;
    }
    const show = () => {
      if (current() !== uri) return;
      this.shown = uri;
      this.changed();
    };
    // A refusal is told when the view asks again.
    loaded.then(show, show);
    return [];
  }
}
