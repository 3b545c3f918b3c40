import { bodies } from './regimes/bodies.ts'
import { fetching } from './regimes/fetching.ts'
import { growth } from './regimes/growth.ts'
import { proxying } from './regimes/proxying.ts'
import type { Regime } from './regimes/regime.ts'
import { explain, serve, verify } from './regimes/servers.ts'
import { signing } from './regimes/signing.ts'

export const regimes: readonly Regime[] = [signing, bodies, fetching, verify, explain, serve, proxying, growth]
