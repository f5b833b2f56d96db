/** The two places of the USB part that take a path. */
export type UsbField = 'export' | 'import';
