/** Small secrets (keys) kept by the shell: safeStorage in Electron, a 0600 file elsewhere. */
export interface SecretsPort {
  /** @returns the secret, or null when it was never set */
  read(name: string): Promise<Uint8Array | null>;
  /** Durable (flushed to the medium) before it resolves. */
  write(name: string, value: Uint8Array): Promise<void>;
  /** How well the secrets are kept here, for diagnostics. */
  protection: 'os-keyring' | 'file';
}
