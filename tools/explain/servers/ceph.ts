import { run, ServerUnavailable } from '../../../test/servers/install.ts'
import { launch, onLoopback } from '../../../test/servers/server.ts'
import type { Start } from '../recorder.ts'

// Ceph's object gateway over a cluster of one monitor and one storage daemon that keeps all in memory.
// Debian: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd

const CREDENTIALS = { accessKeyId: 'roundtripuser', secretAccessKey: 'roundtrip-secret/+1' }
const CLUSTER = '7c8a1a3e-0f5d-4a51-9a55-6b1c3f0e2d11'
const STORE = '0c8a1a3e-0f5d-4a51-9a55-6b1c3f0e2d12'

/** Each daemon needs the one before it; all of them are in the process group of the shell. */
const script = (port: number): string => `set -e
monitor="[v2:127.0.0.1:${port + 1},v1:127.0.0.1:${port + 2}]"
cat > ceph.conf <<EOF
[global]
fsid = ${CLUSTER}
mon_host = $monitor
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
keyring = $PWD/keyring
run_dir = $PWD
admin_socket = $PWD/\\$name.asok
log_file = $PWD/\\$name.log
pid_file =
mon_data = $PWD/mon
osd_data = $PWD/osd
osd_objectstore = memstore
osd_crush_chooseleaf_type = 0
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
rgw_data = $PWD/rgw
rgw_dns_name = s3.localhost
EOF
export CEPH_CONF="$PWD/ceph.conf"
mkdir mon osd rgw
ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *'
ceph-authtool keyring --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
ceph-authtool keyring --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
monmaptool --create --fsid ${CLUSTER} --addv a "$monitor" monmap
ceph-mon --mkfs -i a --monmap monmap --keyring keyring
ceph-mon -f -i a &
ceph --connect-timeout 20 osd new ${STORE}
ceph-osd -i 0 --mkfs --osd-uuid ${STORE}
ceph-osd -f -i 0 &
radosgw-admin user create --uid tester --display-name tester \\
  --access-key '${CREDENTIALS.accessKeyId}' --secret '${CREDENTIALS.secretAccessKey}'
exec radosgw -f -n client.admin --rgw_frontends="beast endpoint=127.0.0.1:${port}"
`

export const ceph: Start = async (progress) => {
  const { status, output } = await run('radosgw', ['--version'])
  if (status !== 0) throw new ServerUnavailable('Debian has it in the packages radosgw ceph-mon ceph-osd')
  const release = /version (\S+)/.exec(output)![1]!
  progress(`starting Ceph ${release}`)
  const launched = await launch({
    name: 'ceph',
    commands: (port) => [{ file: 'sh', args: ['-c', script(port)] }],
    readyPath: '/',
    ready: async (response) => (response.ok ? release : undefined),
  })
  return onLoopback(launched, CREDENTIALS)
}
