/** When things are done: at most once a frame, or seldom. */

/** Asks for frames of the browser while there is something to do. */
export class Frames {
  /** @param {(now: number) => void} frame what to do in one */
  constructor(frame) {
    this.frame = frame;
    this.request = this.waking = 0;
  }

  /** As soon as the browser draws next. */
  soon() {
    this.request ||= requestAnimationFrame((now) => {
      this.request = 0;
      this.frame(now);
    });
  }

  /** In a while, unless it sleeps already. @param {number} time ms */
  sleep(time) {
    this.waking ||= setTimeout(() => {
      this.waking = 0;
      this.soon();
    }, time);
  }

  /** For good. */
  stop() {
    cancelAnimationFrame(this.request);
    clearTimeout(this.waking);
    this.request = -1;
  }
}

/** Does something at most once in a while, and then as things are at that time. */
export class Seldom {
  /** @param {number} pause ms from one time to the next @param {() => void} act */
  constructor(pause, act) {
    this.pause = pause;
    this.act = act;
    this.last = Number.NEGATIVE_INFINITY;
    this.timer = 0;
  }

  /** Now, or as soon as the pause is over. */
  ask() {
    const now = performance.now();
    clearTimeout(this.timer);
    if (now < this.last + this.pause) this.timer = setTimeout(() => this.ask(), this.last + this.pause - now);
    else {
      this.last = now;
      this.act();
    }
  }

  stop() {
    clearTimeout(this.timer);
  }
}
