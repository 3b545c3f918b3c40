import { presignGet, presignPut } from '../../../src/index.ts'
import { type Reply, text } from '../../servers/wire.ts'
import type { Lab } from '../lab.ts'

/** Stores an object with a presigned URL, for rows about something else. */
export async function store(lab: Lab, name: string, content: string): Promise<void> {
  const { credentials } = lab
  await lab.accepted({ ...(await presignPut(lab.object(name), { credentials })), body: content })
}

/** Reads an object with a presigned URL. */
export async function load(lab: Lab, name: string): Promise<Reply> {
  const { credentials } = lab
  return lab.accepted(await presignGet(lab.object(name), { credentials }))
}

export async function loadText(lab: Lab, name: string): Promise<string> {
  return text(await load(lab, name))
}
