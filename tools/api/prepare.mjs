import { makeRecursiveVisitor, ReflectionKind } from 'typedoc'

/** Values that a default is shown as code for; any other default is prose. */
const LITERAL = /^(?:'[^']*'|\d+|true|false|\[\])$/

/** Removes from the reflections what the pages would repeat or what users do not see. */
export function prepare(project) {
  const modules = new Map(project.getChildrenByKind(ReflectionKind.Module).map((module) => [module.name, module]))
  for (const [name, module] of modules)
    if (/\bsync$/.test(name)) documentOnce(project, module, modules.get(name.replace(/-?sync$/, '') || 'sigv4'))
  for (const module of modules.values()) {
    linkByName(module)
    const main = module.getChildByName('default') // the same functions as an object
    if (main) project.removeReflection(main)
  }
  for (const reflection of Object.values(project.reflections)) {
    for (const { tag, content } of reflection.comment?.blockTags ?? [])
      if (tag === '@default') for (const part of content) showDefault(part)
    if (reflection.kind === ReflectionKind.Interface) reflection.typeHierarchy = undefined // all members are listed
    reflection.inheritedFrom = undefined
    reflection.overwrites = undefined
    const [first, ...others] = reflection.signatures ?? []
    for (const signature of first?.comment ? others : []) if (isSame(signature, first)) silence(signature)
  }
}

/** Removes the types of a module that the other module has too, and links to those. */
function documentOnce(project, module, other) {
  for (const child of module.getChildrenByKind(ReflectionKind.Interface | ReflectionKind.TypeAlias)) {
    const twin = other.getChildByName(child.name)
    const symbol = project.getSymbolIdFromReflection(child)
    if (!twin) continue
    project.removeReflection(child)
    if (symbol) project.registerSymbolId(twin, symbol) // for links in comments
  }
  for (const child of module.getChildrenByKind(ReflectionKind.Reference))
    child._target = other.getChildByName(child.name)?.id ?? child._target
  linkByName(module, other)
}

/** Links types that are not exported themselves to the export of the same name. */
function linkByName(module, target = module) {
  const visitor = makeRecursiveVisitor({
    reference(type) {
      const found = type.reflection ? undefined : target.getChildByName(type.name)
      if (found && !type.refersToTypeParameter) type._target = found.id
    },
  })
  const visit = (reflection) => {
    for (const type of [reflection.type, reflection.default, ...(reflection.extendedTypes ?? [])]) type?.visit(visitor)
    reflection.traverse((child) => {
      visit(child)
      return true
    })
  }
  visit(module)
}

function isSame(signature, { comment }) {
  const text = (summary) => summary?.map((part) => part.text).join('')
  return text(signature.comment?.summary) === text(comment.summary)
}

/** Removes the documentation of an overload that repeats that of the first. */
function silence(signature) {
  signature.comment = undefined
  for (const parameter of signature.parameters ?? []) parameter.comment = undefined
}

function showDefault(part) {
  const [, text] = /^```ts\n(.*)\n```$/s.exec(part.text) ?? []
  if (text !== undefined) Object.assign(part, { kind: 'text', text: LITERAL.test(text) ? `\`${text}\`` : text })
}
