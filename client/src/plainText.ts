// Words of others in the editor's own places: names of files, images and containers, and text of Dockerfiles, are shown as
// they are written. The editor would read `$(nproc)` in a list as an icon, and `[words](command:…)` in a message as a link
// that runs a command. Knows neither vscode nor the DOM.

/** For a list, a lens or the status bar; VS Code's own escape (iconLabels.ts). */
export function withoutIcons(text: string): string {
  return text.replace(/\$\((?=[\w-]+(?:~\w+)?\))/g, '\\$(');
}

/** For a message box; linkedText.ts has what would be a link. */
export function plainMessage(text: string): string {
  return text.replaceAll('](', '] (');
}
