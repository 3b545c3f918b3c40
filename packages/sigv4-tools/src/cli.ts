#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { start } from './cli/process.ts'

// The executable. The files of the package are next to it.

start((name) => readFileSync(new URL(name, import.meta.url)))
