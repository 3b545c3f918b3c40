import type { Way } from '../server/rules.ts'
import { jobOf } from './job.ts'
import { giveUp } from './multipart.ts'
import { placeOf, unfinished } from './saved.ts'
import { withFetch } from './send.ts'
import { announce, type Item, inBytes, itemFor } from './view.ts'

const NAMES: Record<Way, string> = { put: 'PUT', post: 'POST form', multipart: 'In parts' }

const form = find<HTMLFormElement>('#form')
const input = find<HTMLInputElement>('#file')
const picked = find('#picked')
const problem = find('#problem')
const list = find('#uploads')
const leftBehind = new Map<string, Item>()

function find<Kind extends HTMLElement>(selector: string): Kind {
  return document.querySelector<Kind>(selector)!
}

const invitation = picked.innerHTML
function showPicked(): void {
  problem.textContent = ''
  const files = [...(input.files ?? [])]
  const size = files.reduce((sum, file) => sum + file.size, 0)
  if (files.length === 0) picked.innerHTML = invitation
  else picked.textContent = `${files.length === 1 ? files[0]!.name : `${files.length} files`}, ${inBytes(size)}`
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
  const place = placeOf(file)
  if (way === 'multipart') {
    leftBehind.get(place)?.root.remove()
    leftBehind.delete(place)
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

for (const { place, saved } of unfinished()) {
  const item = itemFor(saved.name, saved.size, NAMES.multipart)
  leftBehind.set(place, item)
  item.leftBehind(() => {
    item.root.remove()
    find('#uploads-title').focus()
    giveUp(place, withFetch).then(
      () => announce(`${saved.name}: cancelled`),
      () => announce(`${saved.name}: its parts may still be in the bucket`),
    )
  })
  add(item)
}
