import { roundTrip } from '../../../../integration/servers/roundtrip.ts'
import { serve } from '../../src/serve.ts'

// The cases of the round trip with real servers. All of them must have the same result as on S3.

roundTrip(
  {
    name: 'serve',
    verifies: { query: true, header: true, form: true },
    async start() {
      const credentials = { accessKeyId: 'roundtripuser', secretAccessKey: 'roundtrip-secret/+1' }
      const { url, port, close } = await serve({ credentials, region: 'us-east-1' })
      return {
        version: '0',
        endpoint: url,
        virtualHostEndpoint: `http://s3.localhost:${port}`,
        region: 'us-east-1',
        credentials,
        stop: close,
      }
    },
    differences: {
      'version IDs': { status: 501, code: 'NotImplemented', why: 'it does not support versioning' },
      'form: tags': { status: 501, code: 'NotImplemented', why: 'it does not support tags' },
    },
  },
  270,
)
