/** Barks once when nothing was heard for `idle` milliseconds, or `total` milliseconds are over. */
export interface Watchdog {
  alive(): void;
  stop(): void;
}

export function createWatchdog(options: { idle: number; total: number; onBark(): void }): Watchdog {
  let stopped = false;
  const bark = () => {
    stop();
    options.onBark();
  };
  const idle = setTimeout(bark, options.idle);
  const total = setTimeout(bark, options.total);
  const stop = () => {
    stopped = true;
    clearTimeout(idle);
    clearTimeout(total);
  };
  return {
    alive() {
      // Refreshing a stopped timer would arm it again.
      if (!stopped) idle.refresh();
    },
    stop,
  };
}
