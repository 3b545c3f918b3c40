// What the S3 client of Bun does: its results on standard output as one line of JSON.
const client = new Bun.S3Client() // reads S3_ENDPOINT, S3_BUCKET, and others
const big = new Uint8Array(12 * 1024 * 1024).map((_, i) => i * 7)
const impostor = new Bun.S3Client({ secretAccessKey: 'wrong-secret' })

const rejection = await impostor.write('a b+c', 'x').catch((error) => error.code)
await client.write('a b+c', 'sent and received data')
await client.write('big', big, { partSize: 5 * 1024 * 1024 })
const isSame = (await client.file('a b+c').text()) === 'sent and received data'
const { length } = (await client.file('big').bytes()).filter((byte, i) => byte === big[i])
const { contents } = await client.list()
await client.delete('a b+c')
const exists = await client.exists('a b+c')
console.log(JSON.stringify([rejection, isSame, length, contents.map(({ key }) => key), exists]))
