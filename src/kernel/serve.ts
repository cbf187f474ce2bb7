import type { Session } from "./session.js";
export async function serve(_session: Session, _file: string): Promise<void> {}
