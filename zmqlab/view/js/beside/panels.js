/** The panels of JupyterLab: one beside each notebook, which shows one view of the notebook's kernel at a time. */

/**
 * What is used of JupyterLab's application and of Lumino's widgets.
 * @typedef {object} Widget
 * @property {string} id @property {HTMLElement} node @property {{label: string, caption: string, closable: boolean}} title
 * @property {boolean} isDisposed @property {() => void} dispose
 * @property {{connect(act: () => void): void}} disposed
 * @property {{session?: {kernel?: {id: string}|null}|null}} [sessionContext] of a notebook or a console
 * @property {{path: string}} [context] of a file
 */
/** @typedef {new (options: {node: HTMLElement}) => Widget} WidgetClass */
/**
 * @typedef {object} Lab
 * @property {{mode?: string, widgets(area: string): Iterable<Widget>,
 *   add(widget: Widget, area: string, options: {mode: string, ref: string, activate: boolean}): void,
 *   activateById(id: string): void, leftCollapsed: boolean, collapseLeft(): void, expandLeft(): void}} shell
 * @property {{execute(command: string, args: Record<string, string>): void}} commands
 */
/**
 * What a view says of itself.
 * @typedef {object} Guest
 * @property {string} title @property {number} born seconds since 1970
 * @property {(node: HTMLElement, notebook: () => HTMLElement) => (() => void)} render it draws itself there; the way to end that
 * @property {() => void} left it is shown there no longer
 */
/** @typedef {{widget: Widget, guest: Guest|null, stop: () => void}} Panel */

const HEIR = 3_000; // ms in which a panel may be empty
const READABLE = 660; // px that a notebook needs for its text and its code

let made = 0;

export class Panels {
  /** @param {Lab} app @param {WidgetClass} Widget */
  constructor(app, Widget) {
    this.app = app;
    this.Widget = Widget;
    /** @type {Map<Widget, Panel>} notebook -> what stands beside it */
    this.panels = new Map();
  }

  /**
   * Show a view beside the notebook of its kernel, in place of one that stands there. After a reload of the page the
   * views come in any order: the one that was made last stays, unless the person asks for another.
   * @param {string} kernel id @param {Guest} guest @param {boolean} asked by the person
   * @returns {boolean} is there such a notebook, with room beside it?
   */
  show(kernel, guest, asked) {
    const { shell } = this.app;
    if (shell.mode !== "multiple-document") return false;
    const notebook = [...shell.widgets("main")].find((one) => one.sessionContext?.session?.kernel?.id === kernel);
    if (!notebook) return false;
    const panel = this.panels.get(notebook) ?? this.#open(notebook);
    const stays = panel.guest && panel.guest.born > guest.born && !asked;
    if (stays) guest.left();
    else this.#fill(notebook, panel, guest);
    if (asked) shell.activateById(panel.widget.id);
    return true;
  }

  /** A view does not want to be shown here any more. @param {Guest} guest */
  leave(guest) {
    for (const panel of this.panels.values()) if (panel.guest === guest) panel.widget.dispose();
  }

  /** A view is no more. When its cell was run again another one comes at once: the panel waits for it. @param {Guest} guest */
  end(guest) {
    for (const panel of this.panels.values()) {
      if (panel.guest !== guest) continue;
      this.#empty(panel);
      setTimeout(() => {
        if (!panel.guest) panel.widget.dispose();
      }, HEIR);
    }
  }

  /**
   * Open a file that lies in the folder of a notebook, as a link in the notebook's text does.
   * @param {HTMLElement} within the notebook @param {string} file @param {string} fragment "#…"
   */
  openFile(within, file, fragment) {
    const { shell, commands } = this.app;
    const notebook = [...shell.widgets("main")].find((one) => one.node.contains(within));
    const folder = notebook?.context?.path.replace(/[^/]*$/, "") ?? "";
    commands.execute("rendermime:handle-local-link", { path: folder + file, id: fragment });
  }

  /** @param {Widget} notebook @returns {Panel} */
  #open(notebook) {
    const { app, Widget, panels } = this;
    class Beside extends Widget {
      /** The person closes the tab: Lumino would keep it for later. */
      onCloseRequest() {
        this.dispose();
      }
    }
    const widget = new Beside({ node: document.createElement("div") });
    widget.id = `zmqlab-beside-${++made}`;
    widget.node.className = "zmqlab-beside";
    widget.title.closable = true;
    const panel = /** @type {Panel} */ ({ widget, guest: null, stop: () => {} });
    const giveBack = this.#makeRoom(notebook);
    panels.set(notebook, panel);
    widget.disposed.connect(() => {
      panels.delete(notebook);
      this.#empty(panel);
      giveBack();
    });
    notebook.disposed.connect(() => widget.dispose());
    // The focus stays in the notebook: the next Shift+Enter goes on.
    app.shell.add(widget, "main", { mode: "split-right", ref: notebook.id, activate: false });
    return panel;
  }

  /** Half of a small window is too narrow for a notebook while the file browser is open: it is closed for so long. @param {Widget} notebook */
  #makeRoom({ node }) {
    const { shell } = this.app;
    if (shell.leftCollapsed || node.clientWidth / 2 >= READABLE) return () => {};
    shell.collapseLeft();
    return () => shell.expandLeft();
  }

  /** @param {Widget} notebook @param {Panel} panel @param {Guest} guest */
  #fill(notebook, panel, guest) {
    if (panel.guest === guest) return;
    this.#empty(panel);
    panel.guest = guest;
    panel.widget.title.label = guest.title;
    panel.widget.title.caption = `The messages of ${guest.title}, live`;
    panel.stop = guest.render(panel.widget.node, () => notebook.node);
  }

  /** @param {Panel} panel */
  #empty(panel) {
    const { guest, stop } = panel;
    panel.guest = null;
    panel.stop = () => {};
    stop();
    guest?.left();
  }
}
