import { parseEvidence } from '../explain.ts'
import { byId, copy } from './dom.ts'
import { LONGEST_SHARED, shareable, toFragment } from './share.ts'

// The dialog that shows what a link contains before it is copied.

/** Connects the dialog. `read` returns what is in the fields at that moment. */
export function startLinkDialog(read: () => { text: string; response: string; secret: string }): void {
  const dialog = byId<HTMLDialogElement>('link-dialog')
  let link: string | undefined

  byId('share').addEventListener('click', async () => {
    const { text, response, secret } = read()
    const isShort = text.length + response.length <= LONGEST_SHARED
    const own = isShort ? [text, response].filter((each) => each.trim() !== '').map((each) => clean(each, secret)) : []
    const all = own.join('\n\n')
    const fragment = isShort ? await toFragment(all) : undefined
    link = fragment && `${location.href.replace(/#.*/s, '')}${fragment}`
    byId('link-note').textContent = link === undefined ? TOO_MUCH : NOTE
    byId<HTMLTextAreaElement>('link-text').value = link === undefined ? '' : all
    byId('link-text').hidden = link === undefined
    byId<HTMLButtonElement>('link-copy').disabled = link === undefined
    byId('link-result').textContent = ''
    dialog.showModal()
  })
  byId('link-copy').addEventListener('click', async ({ currentTarget }) => {
    const isCopied = link !== undefined && (await copy(link, currentTarget as HTMLElement))
    byId('link-result').textContent = isCopied ? 'The link was copied.' : 'The browser did not allow copying.'
  })
  byId('link-close').addEventListener('click', () => dialog.close())
}

const NOTE =
  'The link contains exactly the text below, after the #, which browsers do not send to servers. Signatures and tokens are shortened, and the secrets that were recognized are removed. Read it before you share it: other private data is still in it.'
const TOO_MUCH = 'This is too much for a link. Remove what does not belong to the request.'

function clean(text: string, secret: string): string {
  const found = parseEvidence(text).items.filter(({ kind }) => kind === 'credentials')
  return shareable(
    text,
    found.map(({ lines }) => lines),
    secret,
  )
}
