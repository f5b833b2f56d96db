/** HID report descriptors (HID 1.11, 6.2.2) of the virtual devices. */

const bytes = (hex: string): Buffer => Buffer.from(hex.replace(/\s/g, ''), 'hex');

/** Vendor page FF00, usage 1; 64 bytes in, 64 bytes out, no report ids: what readers of this kind were seen to have. */
export const READER_DESCRIPTOR = bytes(`
  0600ff 0901 a101
    1500 26ff00 7508 9540
    0902 8102
    0903 9102
  c0`);

/** The boot keyboard of HID 1.11, appendix B.1. */
export const KEYBOARD_DESCRIPTOR = bytes(`
  0501 0906 a101
    0507 19e0 29e7 1500 2501 7501 9508 8102
    9501 7508 8101
    9505 7501 0508 1901 2905 9102
    9501 7503 9101
    9506 7508 1500 2565 0507 1900 2965 8100
  c0`);
