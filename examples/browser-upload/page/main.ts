import { LIMITS, TYPES, type Way } from '../server/rules.ts'
import { clearUpload, jobOf } from './job.ts'
import { storageKey, unfinished } from './saved.ts'
import { announce, type Item, inBytes, itemFor } from './view.ts'

const NAMES: Record<Way, string> = { put: 'PUT', post: 'POST form', multipart: 'Multipart upload' }

const form = find<HTMLFormElement>('#form')
const input = find<HTMLInputElement>('#file')
const picked = find('#picked')
const problem = find('#problem')
const list = find('#uploads')
const unfinishedItems = new Map<string, Item>()

function find<Kind extends HTMLElement>(selector: string): Kind {
  return document.querySelector<Kind>(selector)!
}

input.accept = TYPES.join() // Only a hint for the file dialog: the server decides.
for (const limit of document.querySelectorAll<HTMLElement>('[data-limit]'))
  limit.textContent = inBytes(LIMITS[limit.dataset.limit as Way])

const placeholder = [...picked.childNodes]
function showPicked(): void {
  problem.textContent = ''
  const files = [...(input.files ?? [])]
  const [only, ...others] = files
  const size = document.createElement('small')
  size.textContent = inBytes(files.reduce((sum, file) => sum + file.size, 0))
  if (!only) picked.replaceChildren(...placeholder)
  else picked.replaceChildren(others.length === 0 ? only.name : `${files.length} files`, size)
}

input.addEventListener('change', showPicked)
for (const [event, isOver] of [
  ['dragenter', true],
  ['dragover', true],
  ['dragleave', false],
  ['drop', false],
] as const)
  input.addEventListener(event, () => find('#pick').classList.toggle('over', isOver))

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const files = [...(input.files ?? [])]
  if (files.length === 0) {
    problem.textContent = 'Choose a file first.'
    input.focus()
    return
  }
  const data = new FormData(form)
  for (const file of files) upload(file, data.get('way') as Way, String(data.get('client')))
  input.value = ''
  showPicked()
})

function upload(file: File, way: Way, client: string): void {
  const storedKey = storageKey(file)
  if (way === 'multipart') {
    unfinishedItems.get(storedKey)?.root.remove()
    unfinishedItems.delete(storedKey)
  }
  const item = itemFor(file.name, file.size, `${NAMES[way]}, ${client}`)
  const job = jobOf(file, way, client, item.view)
  item.connect(job, way === 'multipart')
  add(item)
  announce(`${file.name}: upload started`)
  job.run()
}

function add(item: Item): void {
  find('#uploads-section').hidden = false
  list.prepend(item.root)
}

for (const { storedKey, saved } of unfinished()) {
  const item = itemFor(saved.name, saved.size, NAMES.multipart)
  unfinishedItems.set(storedKey, item)
  item.showUnfinished(() => void clearUpload(storedKey, item.view))
  add(item)
}
