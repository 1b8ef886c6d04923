import { heardFromFrame, RUNNING, STILL, type FromFrame, type ToFrame } from '../../frame/messages';

/** The line to one frame. What comes from one in which a page's scripts run may be theirs. */
export class Link {
  private port: MessagePort | null = null;

  constructor(
    private readonly frame: HTMLIFrameElement,
    /** Whether nothing of a page runs in it. */
    private readonly still: boolean,
    private readonly hear: (message: FromFrame) => void,
  ) {}

  /** The frame has loaded: says what it is for, and gives its runtime a port. */
  connect(): void {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      const message = heardFromFrame(data, this.still);
      if (message) this.hear(message);
    };
    this.port = port1;
    // The frame's origin is opaque: it has no name that could stand here. Only the Studio's own documents load in it.
    this.frame.contentWindow?.postMessage(this.still ? STILL : RUNNING, '*', [port2]);
  }

  send(message: ToFrame): void {
    this.port?.postMessage(message);
  }

  close(): void {
    this.port?.close();
    this.port = null;
  }
}
