import { onBeforeUnmount, onMounted, ref, shallowRef, watch, type Ref } from 'vue';

/** Why there is no picture; `identify.<problem>` in the message files says what to do. */
export type CameraProblem = 'no-camera' | 'refused' | 'busy' | 'silent' | 'lost';

export interface CameraChoice {
  id: string;
  label: string;
}

/** How long a camera may take to give its first picture, milliseconds: old document cameras need seconds. */
const OPEN_LIMIT_MS = 12_000;
/** A person has to answer the browser's question first, milliseconds. */
const ASK_LIMIT_MS = 60_000;
/** Document cameras give full size slowly; it is a still that is wanted. Never `exact`: that refuses cameras. */
const SIZE = { width: { ideal: 4096 }, height: { ideal: 3072 } };
const KEY = 'zc.camera';

/**
 * A camera for as long as the component lives: opened when it comes, the light off when it goes. The choice is
 * remembered on this PC.
 * @param video where the picture is shown
 */
export function useCamera(video: Ref<HTMLVideoElement | null>) {
  const state = ref<'opening' | 'asking' | 'live' | 'problem'>('opening');
  const problem = ref<CameraProblem | null>(null);
  const cameras = shallowRef<CameraChoice[]>([]);
  const chosen = ref(readChoice());
  let stream: MediaStream | null = null;
  /** Counts the openings: an answer to an earlier one is for nobody. */
  let opening = 0;

  // `mediaDevices` is missing on pages that are not secure; the types do not know that.
  const devices = navigator.mediaDevices as MediaDevices | undefined;

  function stop(): void {
    opening += 1;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    if (video.value) video.value.srcObject = null;
  }

  function fail(why: CameraProblem): void {
    stop();
    problem.value = why;
    state.value = 'problem';
  }

  async function open(): Promise<void> {
    stop();
    const mine = opening;
    state.value = 'opening';
    problem.value = null;
    if (!devices) {
      fail('no-camera');
      return;
    }
    try {
      const limit = (await mustAsk()) ? ASK_LIMIT_MS : OPEN_LIMIT_MS;
      if (mine !== opening) return;
      if (limit === ASK_LIMIT_MS) state.value = 'asking';
      const asked = devices.getUserMedia({
        audio: false,
        video: { ...SIZE, ...(chosen.value === '' ? {} : { deviceId: { ideal: chosen.value } }) },
      });
      // One that comes too late, or for somebody who has left, must not stay on.
      void asked.then((late) => {
        if (mine !== opening) for (const track of late.getTracks()) track.stop();
      }, ignore);
      const got = await within(asked, limit);
      if (mine !== opening) return;
      stream = got;
      for (const track of got.getVideoTracks()) track.addEventListener('ended', () => onEnded(mine));
      const screen = video.value;
      if (!screen) {
        stop();
        return;
      }
      screen.srcObject = got;
      await within(screen.play(), OPEN_LIMIT_MS);
      if (mine !== opening) return;
      state.value = 'live';
      await list();
    } catch (error) {
      if (mine === opening) fail(problemOf(error));
    }
  }

  function onEnded(of: number): void {
    if (of === opening) fail('lost');
  }

  /** Names of cameras are told only after one was opened. */
  async function list(): Promise<void> {
    const all = (await devices?.enumerateDevices().catch(() => [])) ?? [];
    cameras.value = all
      .filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '')
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
    const now = stream?.getVideoTracks()[0]?.getSettings().deviceId;
    if (now !== undefined && chosen.value !== now && !cameras.value.some(({ id }) => id === chosen.value))
      chosen.value = now;
  }

  /** One was plugged in or pulled out. */
  function onChange(): void {
    if (problem.value === 'no-camera' || problem.value === 'lost') void open();
    else void list();
  }

  watch(chosen, (id) => {
    keepChoice(id);
    if (stream?.getVideoTracks()[0]?.getSettings().deviceId !== id) void open();
  });
  onMounted(() => {
    devices?.addEventListener('devicechange', onChange);
    void open();
  });
  onBeforeUnmount(() => {
    devices?.removeEventListener('devicechange', onChange);
    stop();
  });

  return {
    state,
    problem,
    cameras,
    chosen,
    open,
    /** Stops it while a picture is looked at. */
    stop,
    next(): void {
      const at = cameras.value.findIndex(({ id }) => id === chosen.value);
      const after = cameras.value[(at + 1) % Math.max(1, cameras.value.length)];
      if (after) chosen.value = after.id;
    },
  };
}

/** Whether the browser will ask the clerk; Electron never does. */
async function mustAsk(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: 'camera' })).state === 'prompt';
  } catch {
    return false;
  }
}

class TooLong extends Error {}

async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLong()), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The browser's names: Media Capture and Streams §10.2. */
function problemOf(error: unknown): CameraProblem {
  if (error instanceof TooLong) return 'silent';
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'refused';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'no-camera';
  }
}

function readChoice(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

function keepChoice(id: string): void {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // Asked again next time, that is all.
  }
}

function ignore(): void {
  // Told by the other path.
}
