// PDFs, drawn on canvases: the web view has no reader of its own. The reader is part of the program; it runs no script
// that a file brings, compiles nothing, and loads nothing. It is fetched when the first PDF is looked at.

/** Pages that are shown. */
export const MOST_PAGES = 200;
/** Pixels of a page's longer side that are drawn. */
const MOST_PIXELS = 4000;

/** An open PDF. */
export type Pdf = {
  pages: number;
  /** Width to height of its first page. */
  shape: string;
  draw: (page: number, canvas: HTMLCanvasElement, width: number) => Promise<void>;
  close: () => Promise<void>;
};

/** Reads a PDF. */
export async function openPdf(octets: ArrayBuffer): Promise<Pdf> {
  const [reader, worker] = await Promise.all([
    import('pdfjs-dist/legacy/build/pdf.mjs'),
    import('pdfjs-dist/legacy/build/pdf.worker.mjs?url'),
  ]);
  reader.GlobalWorkerOptions.workerSrc = worker.default;
  const loading = reader.getDocument({
    data: new Uint8Array(octets),
    enableXfa: false,
    useWasm: false,
    useWorkerFetch: false,
    disableAutoFetch: true,
    disableStream: true,
    disableRange: true,
    stopAtErrors: false,
    canvasMaxAreaInBytes: MOST_PIXELS * MOST_PIXELS * 4,
    maxImageSize: MOST_PIXELS * MOST_PIXELS,
  });
  const document = await loading.promise;
  const first = (await document.getPage(1)).getViewport({ scale: 1 });

  async function draw(number: number, canvas: HTMLCanvasElement, width: number): Promise<void> {
    const page = await document.getPage(number);
    const natural = page.getViewport({ scale: 1 });
    const wanted = (width / natural.width) * Math.min(window.devicePixelRatio || 1, 2);
    const scale = Math.min(wanted, MOST_PIXELS / Math.max(natural.width, natural.height));
    const viewport = page.getViewport({ scale });
    canvas.width = Math.floor(viewport.width);
    canvas.height = Math.floor(viewport.height);
    canvas.style.aspectRatio = `${natural.width} / ${natural.height}`;
    // Without links, forms and their scripts: only what is on the paper.
    await page.render({ canvas, viewport, annotationMode: reader.AnnotationMode.DISABLE }).promise;
  }

  return {
    pages: document.numPages,
    shape: `${first.width} / ${first.height}`,
    draw,
    close: () => loading.destroy(),
  };
}
