export function digestOf(file: string): Promise<string | null>;
export function download(url: string, file: string, sha256: string, connectMs?: number): Promise<void>;
