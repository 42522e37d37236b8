/** What a person is told beside a result: each remark once, at once by `onEvent` and in `notices` for the end. */
export function collectNotices(onEvent: (event: { type: 'notice'; message: string }) => void): {
  notices: string[];
  notice(message: string): void;
} {
  const notices: string[] = [];
  return {
    notices,
    notice: (message) => {
      if (notices.includes(message)) return;
      notices.push(message);
      onEvent({ type: 'notice', message });
    },
  };
}
