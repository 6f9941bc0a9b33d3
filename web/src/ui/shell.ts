// The elements of a page with a map, which live as long as the page.

export interface Shell {
  canvas: HTMLCanvasElement;
  labels: HTMLElement;
  app: HTMLElement;
}

export function createShell(body: HTMLElement): Shell {
  const canvas = document.createElement("canvas");
  canvas.id = "map";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  const labels = document.createElement("div");
  labels.id = "labels";
  const app = document.getElementById("app") ?? body;
  body.insertBefore(canvas, app);
  body.insertBefore(labels, app);
  return { canvas, labels, app };
}
