import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCertificate } from '../../../packages/sigv4-tools/test/support/proxy/certificate.ts'
import { run, ServerUnavailable } from '../../servers/install.ts'
import { launch } from '../../servers/server.ts'
import { freePort } from '../../support/starting.ts'
import { ROWS } from './rows.ts'

export interface RunningNginx {
  version: string
  /** The port of each row, by its name. */
  ports: ReadonlyMap<string, number>
  stop(): Promise<void>
}

/** Finds `NGINX_BIN`, or nginx on the PATH or where Debian installs it. */
async function findNginx(): Promise<{ file: string; version: string }> {
  const { NGINX_BIN } = process.env
  const openssl = await run('openssl', ['version'])
  if (openssl.status !== 0) throw new ServerUnavailable('openssl is missing. Install it.')
  for (const file of NGINX_BIN ? [NGINX_BIN] : ['nginx', '/usr/sbin/nginx']) {
    const { status, output } = await run(file, ['-v'])
    if (status === 0) return { file, version: /nginx\/(\S+)/.exec(output)?.[1] ?? 'unknown' }
  }
  throw new ServerUnavailable(
    NGINX_BIN
      ? `NGINX_BIN=${NGINX_BIN} cannot be run`
      : 'nginx is missing. Install it (Debian: nginx-light) or set NGINX_BIN',
  )
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

function configuration(folder: string, port: number, upstream: number, ports: ReadonlyMap<string, number>): string {
  const servers = ROWS.map(({ name, nginx, isTls }) => {
    const content = nginx.replaceAll('UPSTREAM', `127.0.0.1:${upstream}`)
    return `# ${name}\nserver { listen 127.0.0.1:${ports.get(name)}${isTls ? ' ssl' : ''}; ${content} }`
  })
  return `
daemon off;
# workers of a second user could not read the folder
master_process off;
pid ${folder}/pid;
error_log stderr;
events { worker_connections 256; }
http {
  access_log off;
  client_max_body_size 0;
  server_names_hash_bucket_size 128;
  ${TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  proxy_cache_path ${folder}/cache keys_zone=cache:1m;
  ssl_certificate ${folder}/cert.pem;
  ssl_certificate_key ${folder}/key.pem;
  upstream storage { server 127.0.0.1:${upstream}; }
  server { listen 127.0.0.1:${port}; return 204; }
${servers.join('\n')}
}
`
}

/** Starts nginx with a server for each row, each on a separate port. */
export async function startNginx(upstream: number): Promise<RunningNginx> {
  const { file, version } = await findNginx()
  const ports = new Map<string, number>()
  for (const { name } of ROWS) ports.set(name, await freePort())
  const { stop } = await launch({
    name: 'nginx',
    commands(port, folder) {
      mkdirSync(join(folder, 'cache'))
      createCertificate(folder)
      const config = join(folder, 'nginx.conf')
      writeFileSync(config, configuration(folder, port, upstream, ports))
      return [{ file, args: ['-p', folder, '-c', config] }]
    },
    readyPath: '/',
    ready: async ({ status }) => (status === 204 ? version : undefined),
  })
  return { version, ports, stop }
}
