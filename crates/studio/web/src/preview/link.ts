import { HELLO, heardFromFrame, type FromFrame, type ToFrame } from '../../frame/messages';

/** The line to one frame: a port of which the page's own scripts know nothing. */
export class Link {
  private port: MessagePort | null = null;

  constructor(
    private readonly frame: HTMLIFrameElement,
    private readonly hear: (message: FromFrame) => void,
  ) {}

  /** The frame has loaded: gives its runtime a port. */
  connect(): void {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      const message = heardFromFrame(data);
      if (message) this.hear(message);
    };
    this.port = port1;
    // The frame's origin is opaque: it has no name that could stand here. Only the Studio's own documents load in it.
    this.frame.contentWindow?.postMessage(HELLO, '*', [port2]);
  }

  send(message: ToFrame): void {
    this.port?.postMessage(message);
  }

  close(): void {
    this.port?.close();
    this.port = null;
  }
}
