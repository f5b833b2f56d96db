import { z } from 'zod';

/** How the slip printer is reached, and what its buffer can take. */
export const printerSettingsSchema = z.object({
  /** `usb`: straight to the kernel's printer device on Linux; `lp`: a CUPS queue; `windows`: a printer of Windows, by its driver. */
  mode: z.enum(['virtual', 'tcp', 'usb', 'serial', 'lp', 'windows']).default('virtual'),
  /** tcp `host:port`; usb `/dev/usb/lp0`; serial `COM3@9600`; lp the queue's name; windows the printer's name. */
  address: z.string().optional(),
  dots: z.union([z.literal(576), z.literal(384)]).default(576),
  /** Rows of one `GS v 0` band and the pause after it, for printers with a small buffer. */
  bandRows: z.number().int().min(8).max(255).default(255),
  bandPauseMs: z.number().int().min(0).max(500).default(0),
});

/** What a person may change at this machine. Machine policy (set by the admin) overrides each of them. */
export const settingsSchema = z.object({
  language: z.enum(['zh-CN', 'en']).default('zh-CN'),
  clerk: z.object({ id: z.string(), name: z.string() }).default({ id: 'clerk-1', name: '王丽' }),
  reader: z
    .object({
      // Earlier versions knew HID readers only and wrote 'hid'.
      mode: z
        .preprocess((mode) => (mode === 'hid' ? 'real' : mode), z.enum(['auto', 'demo', 'real']))
        .default('auto'),
      /** A profile, or `profile@vvvv:pppp`, `profile@path`, `probe@vvvv:pppp`. */
      profile: z.string().max(300).optional(),
    })
    .default({ mode: 'auto' }),
  /**
   * The library that decodes the photo in the chip (WLT). It is licensed to the reader's maker, so the user brings it;
   * how its raw picture lies differs between makers.
   */
  photo: z
    .object({
      /** Absolute path of the DLL or .so; none: photos are not decoded. */
      library: z.string().max(500).optional(),
      /** Its function: (wlt: 1024 bytes in, raw: 38 556 bytes out, save: int) → int, 1 when it worked. */
      entry: z
        .string()
        .regex(/^\w{1,60}$/)
        .default('unpack'),
      rows: z.enum(['bottom-up', 'top-down']).default('bottom-up'),
      mirrored: z.boolean().default(false),
      channels: z.enum(['bgr', 'rgb']).default('bgr'),
    })
    .default({ entry: 'unpack', rows: 'bottom-up', mirrored: false, channels: 'bgr' }),
  printer: printerSettingsSchema.default({ mode: 'virtual', dots: 576, bandRows: 255, bandPauseMs: 0 }),
  /** The record of this PC; usually set by the machine policy. */
  journal: z
    .object({
      /** Second place for sealed copies: another disk or a share of the hall. None: no copies. */
      copyFolder: z.string().max(500).optional(),
      /** The hall's recovery key (`npm run journal -- recovery-key`), raw X25519 public key, base64: who may open copies. */
      recoveryKey: z
        .string()
        .regex(/^[A-Za-z0-9+/]{43}=$/)
        .optional(),
      /** Own events stay here for so many days after the server has them: as far as its backups may throw it back. */
      horizonDays: z.number().int().min(1).max(3650).default(30),
    })
    .default({ horizonDays: 30 }),
  /**
   * What seals new records of the window's store: XChaCha20-Poly1305 when absent, or SM4-GCM where the system is assessed for
   * the national algorithms (国密). Takes effect at the next start; what was sealed before stays readable.
   */
  cipher: z.enum(['xchacha20-poly1305', 'sm4-gcm']).optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

const { language, clerk, reader, photo, printer, journal, cipher } = settingsSchema.shape;

/**
 * What one write changes: the keys that are there, each replaced whole. Without the defaults of the schema above,
 * which zod would fill in for every key left out, and so undo what was set before.
 */
export const settingsChangeSchema = z.object({
  language: language.unwrap().optional(),
  clerk: clerk.unwrap().optional(),
  reader: reader.unwrap().optional(),
  photo: photo.unwrap().optional(),
  printer: printer.unwrap().optional(),
  journal: journal.unwrap().optional(),
  cipher,
});
export type SettingsChange = z.infer<typeof settingsChangeSchema>;

export const settingsContract = {
  'settings.read': {
    input: z.object({}),
    output: z.object({ settings: settingsSchema, fromPolicy: z.array(z.string()) }),
  },
  'settings.write': {
    input: z.object({ settings: settingsChangeSchema }),
    output: z.object({ settings: settingsSchema, fromPolicy: z.array(z.string()) }),
  },
} as const;
